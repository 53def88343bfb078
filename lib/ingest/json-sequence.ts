const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENS: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSES: ReadonlySet<number> = new Set([0x7d, 0x5d]);

/** Where one value of a sequence stands; `isBroken` where what begins there is no object, or never ends. */
export type JsonPart = { readonly from: number; readonly to: number; readonly isBroken: boolean };

/**
 * The objects and lists of a text in which they follow each other with nothing, spaces or line ends between them. Only
 * brackets and quotes are looked at, so a part may still be no JSON; but where the next one begins is known. After a broken
 * part there is none.
 */
export function* jsonSequence(body: Buffer): Generator<JsonPart> {
  let at = 0;
  while (at < body.length) {
    const byte = body[at] as number;
    if (SPACES.has(byte) || byte === COMMA) {
      at += 1;
      continue;
    }
    const to = OPENS.has(byte) ? endOfValue(body, at) : undefined;
    yield { from: at, to: to ?? body.length, isBroken: to === undefined };
    if (to === undefined) return;
    at = to;
  }
}

function endOfValue(body: Buffer, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < body.length; at += 1) {
    const byte = body[at] as number;
    if (byte === QUOTE) at = endOfText(body, at);
    else if (OPENS.has(byte)) depth += 1;
    else if (CLOSES.has(byte)) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

/** Of the closing quote, or of the body. */
function endOfText(body: Buffer, from: number): number {
  let at = body.indexOf(QUOTE, from + 1);
  while (at !== -1 && isEscaped(body, at, from)) at = body.indexOf(QUOTE, at + 1);
  return at === -1 ? body.length : at;
}

function isEscaped(body: Buffer, quote: number, from: number): boolean {
  let at = quote - 1;
  while (at > from && body[at] === BACKSLASH) at -= 1;
  return (quote - 1 - at) % 2 === 1;
}
