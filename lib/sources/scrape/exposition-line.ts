/** One sample as a target writes it; `time` in the unit of its format. */
export type ExpositionSample = {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** May be NaN or infinite. */
  readonly value: number;
  readonly time: number | undefined;
};

const NAME = /[ \t]*([A-Za-z_:][A-Za-z0-9_:]*)?[ \t]*(\{)?/y;
/** `name="value"`, both of which may hold anything in quotes, or a quoted name alone: that of the metric (UTF-8 names). */
const LABEL =
  /[ \t]*(?:([A-Za-z_][A-Za-z0-9_]*)|"([^"\\]*(?:\\.[^"\\]*)*)")[ \t]*(?:=[ \t]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t]*)?(,|(?=\}))/sy;
const CLOSING = /[ \t]*\}/y;
/** Value, time, and an exemplar, which is not kept. */
const VALUES = /[ \t]*(\S+)(?:[ \t]+([+-]?[\d.][\d.eE+-]*))?[ \t]*(?:[ \t]#.*)?$/sy;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const WORDS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['+infinity', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
]);

/** Reads a line of Prometheus' text format or of OpenMetrics that is no comment; undefined when it is none of theirs. */
export function parseExpositionLine(line: string): ExpositionSample | undefined {
  const [begun, bare, brace] = execAt(NAME, line, 0) ?? [];
  if (begun === undefined) return undefined;
  const labelled =
    brace === undefined ? { name: bare, labels: [], end: begun.length } : parseLabels(line, begun.length, bare);
  if (!labelled?.name) return undefined;
  const { name, labels, end } = labelled;
  const [, value, time] = execAt(VALUES, line, end) ?? [];
  const number = value === undefined ? undefined : parseNumber(value);
  if (number === undefined) return undefined;
  const given = time === undefined ? undefined : parseNumber(time);
  if (time !== undefined && given === undefined) return undefined;
  return { name, labels, value: number, time: given };
}

function parseLabels(
  line: string,
  start: number,
  bare: string | undefined,
): { name: string | undefined; labels: [string, string][]; end: number } | undefined {
  const labels: [string, string][] = [];
  let name = bare;
  let at = start;
  for (;;) {
    const closing = execAt(CLOSING, line, at);
    if (closing) return { name, labels, end: at + closing[0].length };
    const match = execAt(LABEL, line, at);
    if (!match) return undefined;
    const [all, plain, quoted, value] = match;
    if (value !== undefined) labels.push([plain ?? unquote(quoted ?? ''), unquote(value)]);
    else if (name === undefined && quoted !== undefined) name = unquote(quoted);
    else return undefined;
    at += all.length;
  }
}

function execAt(expression: RegExp, text: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(text);
}

function parseNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : WORDS.get(text.toLowerCase());
}

/** Only these are escapes; another backslash stands for itself. */
export function unquote(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([\\"n])/g, (_all, character: string) => (character === 'n' ? '\n' : character));
}
