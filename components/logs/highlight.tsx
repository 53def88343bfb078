import { matchParts } from './match-parts.ts';

/** The text with what was searched for marked. */
export function Highlight({ text, search }: { text: string; search: string }) {
  if (search === '') return text;
  return matchParts(text, search).map(({ text: part, matches }, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no identity but their place
    matches ? <mark key={index}>{part}</mark> : <span key={index}>{part}</span>,
  );
}
