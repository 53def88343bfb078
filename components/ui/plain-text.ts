/**
 * Embeddings, overrides and isolates of direction: with them a text can pretend to be another, and so can what stands
 * beside it. The marks U+200E and U+200F stay, as right-to-left scripts need them and they turn nothing round.
 */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;

/** What a sender wrote, with the characters that would change the direction of the line shown as what they are. */
export function plain(text: string): string {
  return text.replace(DIRECTIONS, (character) => `‹U+${character.charCodeAt(0).toString(16).toUpperCase()}›`);
}
