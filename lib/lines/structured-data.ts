import type { Attributes } from '@/lib/core/event.ts';
import { BRACKET_CLOSE, BRACKET_OPEN, EQUALS, QUOTE, SPACE } from './characters.ts';

const PARAMETERS_MAX = 128;

/** RFC 5424, 6.3: `[id name="value" …][id …]`; each id is an attribute that holds its parameters. */
export function readStructuredData(text: string, from: number): { attributes: Attributes; end: number } | undefined {
  const elements: [id: string, parameters: Attributes][] = [];
  let at = from;
  let count = 0;
  while (text.charCodeAt(at) === BRACKET_OPEN) {
    const idEnd = nameEnd(text, at + 1);
    if (idEnd === at + 1) return undefined;
    const parameters: [string, string][] = [];
    const id = text.slice(at + 1, idEnd);
    at = idEnd;
    while (text.charCodeAt(at) === SPACE) {
      count += 1;
      const parameter = count > PARAMETERS_MAX ? undefined : readParameter(text, at + 1);
      if (!parameter) return undefined;
      parameters.push([parameter.name, parameter.value]);
      at = parameter.end;
    }
    if (text.charCodeAt(at) !== BRACKET_CLOSE) return undefined;
    elements.push([id, Object.fromEntries(parameters)]);
    at += 1;
  }
  return elements.length > 0 ? { attributes: Object.fromEntries(elements), end: at } : undefined;
}

function readParameter(text: string, at: number): { name: string; value: string; end: number } | undefined {
  const end = nameEnd(text, at);
  if (end === at || text.charCodeAt(end) !== EQUALS || text.charCodeAt(end + 1) !== QUOTE) return undefined;
  let close = end + 2;
  let value = '';
  let pieceAt = close;
  for (; close < text.length && text.charCodeAt(close) !== QUOTE; close += 1) {
    if (text.charCodeAt(close) !== 0x5c || !'"\\]'.includes(text.charAt(close + 1))) continue;
    value += text.slice(pieceAt, close);
    pieceAt = close + 1;
    close += 1;
  }
  if (close >= text.length) return undefined;
  return { name: text.slice(at, end), value: value + text.slice(pieceAt, close), end: close + 1 };
}

/** SD-NAME: printable ASCII without `=`, space, `]` and `"`, at most 32 characters; longer ones are in use. */
function nameEnd(text: string, at: number): number {
  let end = at;
  for (; end - at < 128; end += 1) {
    const code = text.charCodeAt(end);
    if (!(code > SPACE && code < 0x7f) || code === EQUALS || code === BRACKET_CLOSE || code === QUOTE) break;
  }
  return end;
}
