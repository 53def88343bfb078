/** Parameters in their order, named `<id>.<name>`. */
export type StructuredData = {
  readonly params: readonly (readonly [string, string])[];
  /** Where the text goes on. */
  readonly end: number;
};

const ID = /\[([^\s=\]"]{1,128})/y;
const PARAM = / +([^\s=\]"]{1,128})="([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y;
const ESCAPED = /\\(["\\\]])/g;

/**
 * STRUCTURED-DATA (RFC 5424 §6.3) at a place of a text; undefined where it is not well-formed, and then it is text like
 * the rest. A bracket within quotes need not be escaped, as many senders do not.
 */
export function readStructuredData(text: string, at: number): StructuredData | undefined {
  if (text[at] === '-') return isBoundary(text, at + 1) ? { params: [], end: at + 1 } : undefined;
  const params: [string, string][] = [];
  let end = at;
  while (text[end] === '[') {
    ID.lastIndex = end;
    const id = ID.exec(text)?.[1];
    if (id === undefined) return undefined;
    end = ID.lastIndex;
    for (PARAM.lastIndex = end; ; end = PARAM.lastIndex) {
      const param = PARAM.exec(text);
      if (!param) break;
      const [, name = '', value = ''] = param;
      params.push([`${id}.${name}`, value.includes('\\') ? value.replace(ESCAPED, '$1') : value]);
    }
    if (text[end] !== ']') return undefined;
    end += 1;
  }
  return end > at && isBoundary(text, end) ? { params, end } : undefined;
}

function isBoundary(text: string, at: number): boolean {
  return at >= text.length || text[at] === ' ';
}
