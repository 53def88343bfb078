const LABELS_CHARS_MAX = 64 * 1024;

/**
 * One `name="value"`. A quote ends a value only where a comma or the closing brace follows, since some senders
 * (winston-loki) do not escape the quotes within; what is escaped as it should be is read the same.
 */
const LABEL =
  /\s*([A-Za-z_][\w.:/-]*)\s*=\s*"([^"\\]*(?:(?:\\.|"(?!\s*(?:,\s*[A-Za-z_}]|\}\s*$)))[^"\\]*)*)"\s*(,|(?=\}))/sy;
const CLOSING = /\s*\}\s*$/y;
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs;
const CONTROLS: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Reads labels in Prometheus' notation, `{app="shop", level="info"}`; or says what is wrong with them. */
export function parseStreamLabels(text: string): [name: string, value: string][] | string {
  if (text.length > LABELS_CHARS_MAX) return `expected labels of at most ${LABELS_CHARS_MAX} characters`;
  const start = /^\s*\{/.exec(text)?.[0].length;
  if (start === undefined) return wrong(text, 0);
  const labels: [string, string][] = [];
  let at = start;
  for (;;) {
    CLOSING.lastIndex = at;
    if (CLOSING.test(text)) return labels;
    LABEL.lastIndex = at;
    const match = LABEL.exec(text);
    if (!match) return wrong(text, at);
    labels.push([match[1] ?? '', unquote(match[2] ?? '')]);
    at = LABEL.lastIndex;
  }
}

function wrong(text: string, at: number): string {
  const shown = JSON.stringify(text.slice(at, at + 60));
  return `expected labels such as {app="shop", level="info"}, got ${shown} at character ${at}`;
}

function unquote(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_all, hex, short, long, octal, character: string | undefined) => {
    if (character !== undefined) return CONTROLS[character] ?? character;
    const code = octal === undefined ? Number.parseInt(hex ?? short ?? long, 16) : Number.parseInt(octal, 8);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}
