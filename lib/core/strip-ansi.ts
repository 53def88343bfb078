/**
 * Escape sequences of ECMA-48: CSI (colours, cursor), OSC up to BEL or ST (links, titles), and the two-character rest.
 * What came through the journal has the picture of BEL (U+2407) in its place.
 * An OSC that never ends is cut to its introducer, so that a broken one cannot hide the line after it.
 */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u2407\u001b\n]*(?:\u0007|\u2407|\u001b\\)|[P^_X][^\u001b]*\u001b\\|[ -/]*[0-Z\\^-~]|\]|\[)|\u009b[0-?]*[ -/]*[@-~]/g;

export function hasAnsi(text: string): boolean {
  return text.includes('\u001b') || text.includes('\u009b');
}

/** The text as it would be read on a terminal, without its colours. */
export function stripAnsi(text: string): string {
  return hasAnsi(text) ? text.replace(ESCAPES, '') : text;
}

/** What is seen and what is not, in turn: text, escape sequence, text, … */
export function splitAnsi(text: string): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const { 0: sequence, index } of text.matchAll(ESCAPES)) {
    parts.push(text.slice(at, index), sequence);
    at = index + sequence.length;
  }
  parts.push(text.slice(at));
  return parts;
}
