/**
 * What a terminal acts upon or hides, tab excepted: C0 and DEL, C1 (some terminals take U+009B for ESC [), line and
 * paragraph separators, marks, embeddings, overrides and isolates of direction, and the invisible letters U+E0000–E007F.
 * The joiners U+200C and U+200D stay: scripts and emoji need them.
 */
export const TERMINAL_CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is this expression's purpose
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
