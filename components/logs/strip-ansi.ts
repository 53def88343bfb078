/**
 * Escape sequences of ECMA-48: CSI (colours, cursor), OSC up to BEL or ST (links, titles), and the two-character rest.
 * What came through the journal has the picture of BEL (U+2407) in its place.
 * An OSC that never ends is cut to its introducer, so that a broken one cannot hide the line after it.
 */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u2407\u001b\n]*(?:\u0007|\u2407|\u001b\\)|[P^_X][^\u001b]*\u001b\\|[ -/]*[0-Z\\^-~]|\]|\[)|\u009b[0-?]*[ -/]*[@-~]/g;

/** The text as it would be read on a terminal, without its colours. */
export function stripAnsi(text: string): string {
  return text.includes('\u001b') || text.includes('\u009b') ? text.replace(ESCAPES, '') : text;
}
