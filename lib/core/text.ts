// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is this expression's purpose
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: names are one line, so tabs, line ends and ESC count as well
const CONTROL_IN_NAME = /[\u0000-\u001f\u007f]/g;

/** Makes a control character visible as its picture (NUL becomes "␀"), so that nothing is lost and nothing acts. */
function picture(character: string): string {
  const code = character.charCodeAt(0);
  return code === 0x7f ? '\u2421' : String.fromCharCode(0x2400 + code);
}

/** Free text: tab, line ends and ESC (colours) stay; other controls become pictures, lone surrogates U+FFFD. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(CONTROL, picture);
}

/** Names and keys: one line, no control character at all. */
export function cleanName(text: string): string {
  return text.toWellFormed().replace(CONTROL_IN_NAME, picture);
}

const encoder = new TextEncoder();

/** UTF-8 length; the cheap bounds settle nearly every call without encoding. */
export function exceedsBytes(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return true;
  if (text.length * 3 <= bytesMax) return false;
  return encoder.encode(text).length > bytesMax;
}

/** The longest beginning of a text that takes no more than so many bytes of UTF-8; no character is cut in two. */
export function cutBytes(text: string, bytesMax: number): string {
  const { read } = encoder.encodeInto(text, new Uint8Array(bytesMax));
  return read >= text.length ? text : text.slice(0, read);
}
