import { AppError } from '@/lib/core/errors.ts';
import { isRecord } from './field-kinds.ts';

const OPERATIONS = ['create', 'index', 'update', 'delete'] as const;
type Operation = (typeof OPERATIONS)[number];

/** What one action line asks for; many lines share one of these. */
export type Target = {
  readonly operation: Operation;
  readonly index: string | undefined;
  readonly id: string | undefined;
};

/** One action, and where in the body its document stands; `from` equals `to` where there is none. */
export type Action = { readonly target: Target; readonly from: number; readonly to: number };

/** Each needs a line in the answer: about 150 bytes that the sender makes with 16. */
export const ACTIONS_MAX = 100_000;
const ACTION_BYTES_MAX = 16 * 1024;
const LINE_FEED = 0x0a;

/**
 * All the actions of a bulk body, so that one that is malformed is noticed before anything is stored, as in Elasticsearch:
 * after it nobody knows which line is a document. Throws bad-request or body-too-large.
 */
export function readActions(body: Buffer): Action[] {
  const actions: Action[] = [];
  let line = 0;
  let lastText = '';
  let target: Target | undefined;
  for (let at = 0; at < body.length; ) {
    const end = endOfLine(body, at);
    line += 1;
    const text = body.toString('utf8', at, Math.min(end, at + ACTION_BYTES_MAX));
    at = end + 1;
    if (text.trim() === '') continue;
    // Most senders write the same line for each document.
    if (!target || text !== lastText) target = readTarget(text, line);
    lastText = text;
    const hasDocument = target.operation !== 'delete';
    const to = hasDocument && at < body.length ? endOfLine(body, at) : Math.min(at, body.length);
    actions.push({ target, from: Math.min(at, body.length), to });
    if (actions.length > ACTIONS_MAX) {
      throw new AppError('body-too-large', `expected at most ${ACTIONS_MAX} actions in a body; send it in parts`);
    }
    if (hasDocument) {
      at = to + 1;
      line += 1;
    }
  }
  return actions;
}

function endOfLine(body: Buffer, from: number): number {
  const end = body.indexOf(LINE_FEED, from);
  return end === -1 ? body.length : end;
}

function readTarget(text: string, line: number): Target {
  const parsed = parse(text);
  const operation = OPERATIONS.find((name) => isRecord(parsed) && Object.hasOwn(parsed, name));
  const meta = isRecord(parsed) && operation ? parsed[operation] : undefined;
  if (!operation || !isRecord(meta)) {
    const got = text.slice(0, 60);
    throw new AppError('bad-request', `line ${line}: expected an action such as {"create":{}}, got ${got}`);
  }
  return { operation, index: textOf(meta['_index']), id: textOf(meta['_id']) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
