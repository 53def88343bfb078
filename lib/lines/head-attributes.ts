import type { Attributes } from '@/lib/core/event.ts';
import { isDigit, isLetter } from './characters.ts';
import type { HeadToken } from './head-token.ts';

/** What the head of a line tells besides time and level, under the names that it most likely has. Nothing is dropped. */
export class HeadAttributes {
  readonly values: Attributes = {};
  isEmpty = true;

  put(key: string, text: string): void {
    if (text === '') return;
    this.isEmpty = false;
    const name = key in this.values ? 'context' : key;
    const before = this.values[name];
    this.values[name] = before === undefined ? text : `${String(before)} ${text}`;
  }

  /** A token that stands before the time is where the line comes from. */
  putBefore(token: HeadToken): void {
    this.put('source' in this.values ? 'context' : 'source', token.text);
  }

  putToken(token: HeadToken): void {
    if (token.kind === 'group') this.putGroup(token.text);
    else if (token.kind === 'number') this.put('pid' in this.values ? 'tid' : 'pid', token.text);
    else this.putName(token.text);
  }

  putName(name: string): void {
    const begins = isLetter(name.charCodeAt(0)) || '_$/'.includes(name.charAt(0));
    this.put(isPlace(name) ? 'file' : begins ? 'logger' : 'context', name);
  }

  /** `[pid 35708:tid 43286]`, `[client 10.0.0.1]`, `[#1234]`, `[main]`, `[com.example.Foo]`. */
  putGroup(inside: string): void {
    const whole = pairOf(inside);
    const pairs = whole ? [whole] : inside.split(':').map(pairOf);
    if (pairs.every((pair) => pair !== undefined)) {
      for (const [key, value] of pairs) this.put(key, value);
      return;
    }
    const number = inside.startsWith('#') ? inside.slice(1) : inside;
    if (isNumber(number)) this.put('pid' in this.values ? 'tid' : 'pid', number);
    else this.put(groupKey(inside), inside);
  }
}

function groupKey(inside: string): string {
  if (isPlace(inside)) return 'file';
  if (inside.includes(' ') || isDigit(inside.charCodeAt(0))) return 'context';
  return inside.split('.').length > 2 ? 'logger' : 'thread';
}

const KNOWN_PAIRS = new Set(['pid', 'tid', 'client', 'host', 'user', 'thread', 'session']);

function pairOf(text: string): [key: string, value: string] | undefined {
  const gap = text.indexOf(' ');
  if (gap <= 0 || text.includes(' ', gap + 1) || gap + 1 === text.length) return undefined;
  const key = text.slice(0, gap).toLowerCase();
  return KNOWN_PAIRS.has(key) ? [key, text.slice(gap + 1)] : undefined;
}

function isNumber(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (!isDigit(text.charCodeAt(index))) return false;
  return text !== '';
}

/** `server.go:123`: a file and a line in it. */
function isPlace(text: string): boolean {
  const colon = text.lastIndexOf(':');
  if (colon <= 0 || !isNumber(text.slice(colon + 1))) return false;
  const dot = text.lastIndexOf('.', colon);
  return dot > 0 && colon - dot <= 6 && colon - dot > 1 && isLetter(text.charCodeAt(dot + 1));
}
