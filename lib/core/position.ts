/**
 * A place in the journal: `<epoch>.<seq>`. The epoch names one incarnation of the journal, `seq` counts its events
 * from 1 without gaps; `<epoch>.0` lies before the first event. No character of it triggers a CORS preflight when a
 * browser sends it back as Last-Event-ID (Fetch standard, "CORS-unsafe request-header byte").
 */
export type Position = { readonly epoch: string; readonly seq: number };

const PATTERN = /^([A-Za-z0-9]{8})\.(0|[1-9][0-9]{0,15})$/;

export function formatPosition(epoch: string, seq: number): string {
  return `${epoch}.${seq}`;
}

/** Returns undefined for anything that is not a position, so that the caller can say what it was given. */
export function parsePosition(text: string): Position | undefined {
  const match = PATTERN.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  const seq = Number(match[2]);
  return Number.isSafeInteger(seq) ? { epoch: match[1], seq } : undefined;
}

/** The seq of a position that this program wrote itself. Throws on foreign text: that is a programmer's error. */
export function seqOf(text: string): number {
  const position = parsePosition(text);
  if (!position) throw new Error(`expected a position such as "Ab3dE6gH.42", got "${text.slice(0, 60)}"`);
  return position.seq;
}

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * 8 characters `[A-Za-z0-9]`: an epoch, the id of a connection or of a tab.
 * @param random bytes from a cryptographic source; two journals must not share an epoch by accident
 */
export function randomId(random: Uint8Array = crypto.getRandomValues(new Uint8Array(8))): string {
  return Array.from(random.subarray(0, 8), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
}
