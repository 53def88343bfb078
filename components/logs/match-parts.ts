export type MatchPart = { readonly text: string; readonly matches: boolean };

/** A text of one letter repeated could otherwise become thousands of elements. */
const MATCHES_MAX = 100;

/**
 * Cuts a text where the search was found, case-insensitively for ASCII as the server's filter does: folding more can
 * change a text's length ("İ"), and the cuts would be off.
 */
export function matchParts(text: string, search: string): readonly MatchPart[] {
  if (search === '') return [{ text, matches: false }];
  const folded = foldAscii(text);
  const wanted = foldAscii(search);
  const parts: MatchPart[] = [];
  let from = 0;
  for (
    let at = folded.indexOf(wanted);
    at !== -1 && parts.length < MATCHES_MAX * 2;
    at = folded.indexOf(wanted, from)
  ) {
    if (at > from) parts.push({ text: text.slice(from, at), matches: false });
    from = at + wanted.length;
    parts.push({ text: text.slice(at, from), matches: true });
  }
  if (from < text.length || parts.length === 0) parts.push({ text: text.slice(from), matches: false });
  return parts;
}

function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
