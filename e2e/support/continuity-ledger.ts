import { parsePosition } from '@/lib/core/position.ts';

export type Frame = { readonly id: string | undefined; readonly event: string; readonly data: string };

type Body = {
  position?: string;
  prev?: string;
  state?: string;
  from?: string;
  to?: string;
  missed?: number;
  reason?: string;
  attributes?: { n?: string };
};

/**
 * What a client has been told, and whether it holds together: `prev ≤ cursor < position` for every event (DESIGN §4).
 * It trusts nothing of the server but the frames.
 */
export class ContinuityLedger {
  /** The id to resume from, as a browser keeps it. */
  lastEventId: string | undefined;
  epoch: string | undefined;
  cursor = -1;
  events = 0;
  /** How often each `attributes.n` came. */
  readonly seen = new Map<string, number>();
  readonly lost: string[] = [];
  readonly repeated: string[] = [];
  readonly broken: string[] = [];
  readonly gaps: Body[] = [];
  readonly resets: Body[] = [];

  take(frame: Frame): void {
    const body = JSON.parse(frame.data) as Body;
    if (frame.event === 'log' || frame.event === 'metric') this.#takeEvent(frame, body);
    else if (frame.event === 'stream') this.#takeStream(body);
    else if (frame.event === 'gap') this.#takeGap(body);
    else if (frame.id !== undefined && seq(frame.id) < this.cursor) {
      this.broken.push(`${frame.event} took the cursor back from ${this.cursor} to ${frame.id}`);
    }
    if (frame.id === undefined) return;
    this.lastEventId = frame.id;
    this.cursor = seq(frame.id);
  }

  #takeEvent(frame: Frame, { position = '', prev = '', attributes }: Body): void {
    if (frame.id !== position) this.broken.push(`id ${frame.id} with position ${position}`);
    if (seq(prev) > this.cursor) this.lost.push(`cursor ${this.cursor}, then ${position} after ${prev}`);
    if (seq(position) <= this.cursor) this.repeated.push(`${position} after ${this.cursor}`);
    this.events += 1;
    const n = attributes?.n;
    if (n !== undefined) this.seen.set(n, (this.seen.get(n) ?? 0) + 1);
  }

  #takeStream(body: Body & { epoch?: string }): void {
    const from = seq(body.from ?? '');
    if (body.state === 'reset') this.resets.push(body);
    else if (body.state === 'gap') this.gaps.push(body);
    else if (this.cursor >= 0 && from !== this.cursor) {
      this.broken.push(`resumed after ${body.from} instead of ${this.cursor}, saying ${body.state}`);
    }
    this.epoch = body.epoch;
    this.cursor = from;
  }

  #takeGap(body: Body): void {
    this.gaps.push(body);
    if (seq(body.from ?? '') !== this.cursor) this.broken.push(`a gap from ${body.from} at ${this.cursor}`);
  }

  /** Everything that must be empty when nothing was lost, repeated or skipped, as one comparable value. */
  get faults(): { lost: string[]; repeated: string[]; broken: string[]; gaps: Body[]; resets: Body[] } {
    const few = <T>(list: readonly T[]): T[] => list.slice(0, 5);
    const { lost, repeated, broken, gaps, resets } = this;
    return { lost: few(lost), repeated: few(repeated), broken: few(broken), gaps: few(gaps), resets: few(resets) };
  }
}

export const NO_FAULTS = { lost: [], repeated: [], broken: [], gaps: [], resets: [] };

function seq(position: string): number {
  const parsed = parsePosition(position);
  if (!parsed) throw new Error(`the server sent ${JSON.stringify(position)} as a position`);
  return parsed.seq;
}
