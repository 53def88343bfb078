import type { Run } from './ansi-runs.ts';
import { Highlight } from './highlight.tsx';
import { matchParts } from './match-parts.ts';

/** The text in its colours, with what was searched for marked, also where it changes its colour in the middle. */
export function ColouredText({ runs, search }: { runs: readonly Run[]; search: string }) {
  const text = runs.map((run) => run.text).join('');
  if (runs.every(({ className }) => className === '')) return <Highlight text={text} search={search} />;
  return cut(runs, text, search).map(({ text: piece, className, matches }, index) =>
    matches ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no identity but their place
      <mark key={index}>{piece}</mark>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no identity but their place
      <span key={index} className={className}>
        {piece}
      </span>
    ),
  );
}

/** Cuts where the colour changes, and where a match begins or ends. */
function cut(runs: readonly Run[], text: string, search: string): (Run & { readonly matches: boolean })[] {
  const parts = matchParts(text, search);
  const pieces: (Run & { readonly matches: boolean })[] = [];
  let place = 0;
  let partAt = 0;
  let partEnd = parts[0]?.text.length ?? 0;
  for (const run of runs) {
    const runEnd = place + run.text.length;
    while (place < runEnd) {
      const end = Math.min(runEnd, partEnd);
      pieces.push({ text: text.slice(place, end), className: run.className, matches: parts[partAt]?.matches ?? false });
      place = end;
      if (place < partEnd) continue;
      partAt += 1;
      partEnd += parts[partAt]?.text.length ?? text.length;
    }
  }
  return pieces;
}
