const TAB = 0x09;
const LINE_FEED = 0x0a;
const OWN_COLOUR = /^\[[0-9;]*m/;

/** The code points of a text on which a terminal acts, tabs and line ends and our own colours excepted. */
export function actsOnTerminal(text: string): string[] {
  const [before = '', ...after] = text.split('\u001b');
  const escapes = after.filter((part) => !OWN_COLOUR.test(part)).map(() => 'ESC');
  const acting = [...(before + after.join(''))].map((character) => character.codePointAt(0) ?? 0).filter(acts);
  return [...escapes, ...acting.map((code) => `U+${code.toString(16)}`)];
}

function acts(code: number): boolean {
  if (code < 0x20) return code !== TAB && code !== LINE_FEED;
  if (code >= 0x7f && code <= 0x9f) return true;
  const isDirection = code === 0x061c || code === 0x200e || code === 0x200f || (code >= 0x2066 && code <= 0x2069);
  return isDirection || (code >= 0x2028 && code <= 0x202e);
}
