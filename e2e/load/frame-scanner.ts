import { parsePosition } from '@/lib/core/position.ts';
import type { Run, RunCache } from './run-cache.ts';
import type { Tally } from './tally.ts';

export type ControlFrame = { readonly event: string; readonly data: Readonly<Record<string, unknown>> };

const EVENT = /id: (\w{8})\.(\d+)\nevent: (?:log|metric)\ndata: \{"position":"\1\.(\d+)","prev":"\1\.(\d+)"/y;
const SENT = /"message":"@(\d+)@/y;
/** A frame larger than any that the server makes: what comes is no event stream. */
const REST_CHARS_MAX = 16 * 1024 * 1024;

/** Events in one piece of text, from a frame's begin to a frame's end. */
type Span = { from: number; to: number; prev: number; first: number; last: number; starts: number[]; clean: boolean };

/**
 * Reads one stream and proves its continuity: `prev ≤ cursor < position` for every event (DESIGN §4). What others with
 * the same filter have been sent already is only compared byte by byte.
 */
export class FrameScanner {
  readonly #tally: Tally;
  readonly #cache: RunCache | undefined;
  readonly #onControl: (frame: ControlFrame) => void;
  #rest = '';
  #run: Run | undefined;
  #matched = 0;
  #lastEvent = -1;
  #epoch = '';
  /** Everything up to here has been told. */
  cursor = -1;
  retryMs: number | undefined;
  /** Only then is the age of an event the delay of the stream. */
  isLive = false;

  constructor(tally: Tally, cache: RunCache | undefined, onControl: (frame: ControlFrame) => void) {
    this.#tally = tally;
    this.#cache = cache;
    this.#onControl = onControl;
  }

  /** Where to go on from; undefined before anything was told. */
  get lastEventId(): string | undefined {
    return this.cursor === -1 ? undefined : `${this.#epoch}.${this.cursor}`;
  }
  get lastEvent(): number {
    return this.#lastEvent;
  }

  /** A new connection begins: half a frame of the one before is void. */
  restart(): void {
    this.#rest = '';
    this.#run = undefined;
    this.#matched = 0;
    this.isLive = false;
  }

  /** @param bytes may be overwritten when this returns */
  take(bytes: Buffer, nowUs: number): void {
    const from = this.#compare(bytes, nowUs);
    if (from < bytes.length) this.#scan(bytes.toString('latin1', from), nowUs);
  }

  /** Takes what others have been sent too; returns where something else begins. */
  #compare(bytes: Buffer, nowUs: number): number {
    let from = 0;
    while (from < bytes.length) {
      const run = this.#run ?? this.#expected();
      if (!run) return from;
      const length = Math.min(run.bytes.length - this.#matched, bytes.length - from);
      if (bytes.compare(run.bytes, this.#matched, this.#matched + length, from, from + length) !== 0) {
        this.#rest = run.bytes.toString('latin1', 0, this.#matched);
        this.#run = undefined;
        this.#matched = 0;
        return from;
      }
      from += length;
      this.#matched += length;
      this.#run = run;
      if (this.#matched === run.bytes.length) this.#accept(run, nowUs);
    }
    return from;
  }

  #expected(): Run | undefined {
    if (this.#rest !== '') return undefined;
    const run = this.#cache?.after(this.#lastEvent);
    return run && run.prev <= this.cursor && run.first > this.cursor ? run : undefined;
  }

  #accept(run: Run, nowUs: number): void {
    this.#run = undefined;
    this.#matched = 0;
    this.cursor = run.last;
    this.#lastEvent = run.last;
    this.#count(run.events, run.sentUs, nowUs);
  }

  #count(events: number, sentUs: readonly number[], nowUs: number): void {
    this.#tally.counts.deliveries += events;
    if (this.isLive) for (const us of sentUs) this.#tally.latency((nowUs - us) / 1000);
  }

  #scan(piece: string, nowUs: number): void {
    const text = this.#rest + piece;
    let [at, span] = [0, undefined as Span | undefined];
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', at)) {
      EVENT.lastIndex = at;
      const match = EVENT.exec(text);
      const next = end + 2;
      if (match) {
        span ??= {
          from: at,
          to: at,
          prev: Number(match[4]),
          first: Number(match[3]),
          last: this.#lastEvent,
          starts: [],
          clean: true,
        };
        this.#event(span, match, at);
        span.to = next;
      } else {
        if (span) this.#finish(span, text, nowUs);
        span = undefined;
        this.#other(text.slice(at, end));
      }
      at = next;
    }
    if (span) this.#finish(span, text, nowUs);
    if (text.length - at > REST_CHARS_MAX) throw new Error('a frame of more than 16 MiB');
    // Copied: a slice would keep all of the text alive, once for each of thousands of viewers.
    this.#rest = at === text.length ? '' : Buffer.from(text.slice(at), 'latin1').toString('latin1');
  }

  #event(span: Span, match: RegExpExecArray, at: number): void {
    const [id, position, prev] = [Number(match[2]), Number(match[3]), Number(match[4])];
    if (id !== position) this.#tally.error('protocol', `id ${id} with position ${position}`);
    if (this.#judge(prev, position) || id !== position) span.clean = false;
    this.#epoch = match[1] ?? '';
    span.starts.push(at);
    this.cursor = position;
  }

  /** True when something is wrong. */
  #judge(prev: number, position: number): boolean {
    if (this.cursor === -1) return false;
    if (prev > this.cursor) this.#tally.counts.lost += prev - this.cursor;
    if (position <= this.cursor) this.#tally.counts.repeated += 1;
    return prev > this.cursor || position <= this.cursor;
  }

  #finish(span: Span, text: string, nowUs: number): void {
    const before = this.#lastEvent;
    this.#lastEvent = this.cursor;
    const { starts } = span;
    const sampled = [...new Set([0, starts.length >> 1, starts.length - 1])];
    const sentUs = sampled.flatMap((index) => sentAt(text, starts[index] ?? 0));
    this.#count(starts.length, sentUs, nowUs);
    if (!this.#cache || !span.clean) return;
    const { prev, first, from, to } = span;
    const bytes = Buffer.from(text.slice(from, to), 'latin1');
    this.#cache.put(before, { bytes, prev, first, last: this.cursor, events: starts.length, sentUs });
  }

  /** Whatever is not an event as this server writes it; few, so that they may cost something. */
  #other(frame: string): void {
    const fields = new Map(
      frame.split('\n').map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    );
    const retry = fields.get('retry');
    if (retry !== undefined) this.retryMs = Number(retry);
    const [event, text] = [fields.get('event'), fields.get('data')];
    if (event === undefined || text === undefined) return;
    const data = JSON.parse(Buffer.from(text, 'latin1').toString()) as Record<string, unknown>;
    if (event === 'log' || event === 'metric') this.#oddEvent(data);
    else if (event === 'stream') this.#stream(data);
    else this.#control(event, data, fields.get('id'));
    this.#onControl({ event, data });
  }

  #oddEvent(data: Record<string, unknown>): void {
    const [position, prev] = [seq(data['position']), seq(data['prev'])];
    if (position === undefined || prev === undefined) {
      this.#tally.error('protocol', 'an event without position and prev');
      return;
    }
    this.#judge(prev, position);
    this.#tally.counts.deliveries += 1;
    this.cursor = position;
    this.#lastEvent = position;
  }

  #stream(data: Record<string, unknown>): void {
    const from = seq(data['from']);
    if (from === undefined) {
      this.#tally.error('protocol', 'a first frame without from');
      return;
    }
    if (data['state'] === 'reset') this.#tally.counts.resets += 1;
    else if (data['state'] === 'gap') this.#tally.counts.missed += Number(data['missed'] ?? 1);
    else if (this.cursor !== -1 && from > this.cursor) this.#tally.counts.lost += from - this.cursor;
    this.#epoch = String(data['epoch']);
    this.cursor = from;
    this.#lastEvent = from;
  }

  #control(event: string, data: Record<string, unknown>, id: string | undefined): void {
    if (event === 'gap') this.#tally.counts.missed += Number(data['missed'] ?? 1);
    if (id === undefined) return;
    const told = seq(id);
    if (told === undefined || told < this.cursor) {
      this.#tally.error('protocol', `${event} took the cursor from ${this.cursor} to ${id}`);
    } else this.cursor = told;
  }
}

function seq(position: unknown): number | undefined {
  return typeof position === 'string' ? parsePosition(position)?.seq : undefined;
}

function sentAt(text: string, frameAt: number): number[] {
  const at = text.indexOf('"message":"@', frameAt);
  if (at === -1) return [];
  SENT.lastIndex = at;
  const match = SENT.exec(text);
  return match ? [Number(match[1])] : [];
}
