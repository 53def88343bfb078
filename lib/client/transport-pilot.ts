import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { HeartbeatFrame } from '@/lib/wire/frames.ts';
import type { StoragePort } from './connection-history.ts';
import { type Rhythm, RhythmWatch } from './rhythm-watch.ts';
import type { Cancel, Scheduler } from './scheduler.ts';
import type { StreamEnd, StreamReader } from './stream-reader.ts';
import {
  BRIEF_MS,
  beginChoice,
  type ChoiceInput,
  type ChoiceState,
  choose,
  type Fault,
  FIRST_FRAME_MS,
  reviewAtMs,
  WHOLE_MS,
} from './transport-choice.ts';
import { loadTransport, saveTransport } from './transport-memory.ts';
import type { TransportReport, WishAsked } from './transport-try.ts';

/** Answers whatever the state of the store, and no proxy holds it back. */
const PROBE_URL = '/healthz';
/** A server that takes longer is not one that "answers otherwise". */
const PROBE_MS = 3_000;

export type PilotOptions = {
  readonly readers: Readonly<Record<ClientTransport, StreamReader>>;
  readonly fetch: typeof fetch;
  readonly scheduler: Scheduler;
  /** The server's setting. */
  readonly order: readonly ClientTransport[];
  /** Of this page's address or of the tab that held the stream before; without one the memory's. */
  readonly wish?: Pick<WishAsked, 'wish' | 'why'> | undefined;
  readonly storage?: StoragePort | undefined;
  readonly seed?: Pick<TransportReport, 'tried' | 'switches'> | undefined;
  /** Go over now; or, not at once, give up the attempt at hand and let the back-off decide when to go on. */
  readonly onSwitch: (cause: string, atOnce: boolean) => void;
};

/** Watches over the transport in use, and says when another one is to be used: hands and eyes of `transport-choice.ts`. */
export class TransportPilot {
  readonly #options: PilotOptions;
  readonly #rhythm = new RhythmWatch();
  #choice: ChoiceState;
  #attempt = 0;
  #beganAtMs = 0;
  #openedAtMs: number | undefined;
  #switches: number;
  #switching = false;
  #cancelFirst: Cancel | undefined;
  #cancelReview: Cancel | undefined;
  #probes = new Set<AbortController>();

  constructor(options: PilotOptions) {
    this.#options = options;
    const { order, storage, scheduler, seed } = options;
    const nowMs = scheduler.now();
    const { wish, rests } = storage ? loadTransport(storage, nowMs) : { wish: 'automatic' as const, rests: {} };
    this.#choice = beginChoice({ order, wish, rests, tried: seed?.tried ?? [], ...options.wish }, nowMs);
    this.#switches = seed?.switches ?? 0;
  }

  get reader(): StreamReader {
    return this.#options.readers[this.#choice.transport];
  }

  get report(): TransportReport {
    const { transport, wish, why, tried } = this.#choice;
    return { transport, wish, why, tried, switches: this.#switches, switching: this.#switching };
  }

  /** An attempt begins. Returns what to read it by. */
  begin(): StreamReader {
    this.#attempt += 1;
    this.#openedAtMs = undefined;
    this.#beganAtMs = this.#options.scheduler.now();
    this.#rhythm.begin();
    this.#step({ type: 'begin' });
    this.#cancelFirst?.();
    // A poll may be answered as late as a heartbeat is due: the watchdog knows.
    if (this.#choice.transport !== 'poll') {
      this.#cancelFirst = this.#options.scheduler.after(FIRST_FRAME_MS, () => void this.#blame('mute'));
    }
    return this.reader;
  }

  opened(): void {
    this.#cancelFirst?.();
    this.#openedAtMs ??= this.#options.scheduler.now();
    this.#switching = false;
    this.#step({ type: 'opened' });
    this.#plan();
  }

  /** Only of a stream that is live: one that catches up may well be late. */
  heartbeat({ time }: HeartbeatFrame, report: Rhythm): void {
    const seen = this.#rhythm.heard(time, report, this.#options.scheduler.now());
    if (seen === 'on-time') this.#step({ type: 'on-time' });
    else if (seen) this.#step({ type: 'fault', fault: seen });
  }

  /** The attempt at hand is over, and another of the same kind would follow. */
  ended(end: StreamEnd): void {
    const nowMs = this.#options.scheduler.now();
    const openedAtMs = this.#openedAtMs;
    const isWhole =
      openedAtMs !== undefined &&
      openedAtMs - this.#beganAtMs >= WHOLE_MS.waited &&
      nowMs - openedAtMs <= WHOLE_MS.lived &&
      this.#choice.transport !== 'poll';
    this.#over(end.cause, openedAtMs === undefined);
    if (isWhole) this.#step({ type: 'fault', fault: 'whole' });
    else if (openedAtMs === undefined) {
      // What the server itself says with a time to come back is nothing against the way there.
      if (end.again && end.retryMs === undefined && !end.busy) void this.#blame('unopened');
    } else if (end.again && end.retryMs === undefined && nowMs - openedAtMs < BRIEF_MS) void this.#blame('brief');
  }

  silent(cause: string): void {
    const wasOpen = this.#openedAtMs !== undefined;
    this.#over(cause, true);
    if (wasOpen) void this.#blame('silent');
  }

  /** The attempt was dropped for a reason that has nothing to do with its transport. */
  dropped(cause: string): void {
    this.#over(cause, false);
  }

  stop(cause: string): void {
    this.dropped(cause);
    this.#cancelReview?.();
    for (const probe of this.#probes) probe.abort();
    this.#probes.clear();
    this.#cancelReview = undefined;
  }

  wish({ wish, why, remember }: WishAsked): void {
    if (wish === this.#choice.wish) return;
    this.#step({ type: 'wish', wish, why });
    if (remember) this.#save();
    this.#plan();
  }

  #over(cause: string, failed: boolean): void {
    this.#cancelFirst?.();
    this.#cancelFirst = this.#openedAtMs = undefined;
    this.#switching = false;
    this.#step({ type: 'ended', cause, failed });
  }

  /** Only when the server answers otherwise: when it is away, every transport fails, and none is to blame. */
  async #blame(fault: Fault): Promise<void> {
    const attempt = this.#attempt;
    const { transport } = this.#choice;
    if (!(await this.#serverAnswers())) return;
    // Meanwhile another one is in use, or this one has come through after all.
    if (this.#choice.transport !== transport) return;
    if (fault === 'mute' && (this.#attempt !== attempt || this.#openedAtMs !== undefined)) return;
    if (fault === 'unopened' && this.#openedAtMs !== undefined) return;
    this.#step({ type: 'fault', fault });
  }

  async #serverAnswers(): Promise<boolean> {
    const { fetch, scheduler } = this.#options;
    const probe = new AbortController();
    this.#probes.add(probe);
    const cancel = scheduler.after(PROBE_MS, () => probe.abort());
    try {
      const response = await fetch(PROBE_URL, { cache: 'no-store', signal: probe.signal });
      await response.body?.cancel();
      return !probe.signal.aborted && response.status < 500;
    } catch {
      return false;
    } finally {
      cancel();
      this.#probes.delete(probe);
    }
  }

  #step(input: StepInput): void {
    const before = this.#choice;
    this.#choice = choose(before, { ...input, atMs: this.#options.scheduler.now() });
    const { transport, why, isExhausted, rests } = this.#choice;
    if (rests !== before.rests) this.#save();
    if (transport === before.transport) return;
    this.#cancelFirst?.();
    this.#switching = this.#openedAtMs !== undefined;
    if (this.#switching) this.#switches += 1;
    this.#options.onSwitch(why, !isExhausted);
  }

  /** When the one that comes first may be tried again. */
  #plan(): void {
    this.#cancelReview?.();
    this.#cancelReview = undefined;
    const dueMs = reviewAtMs(this.#choice);
    if (dueMs === undefined) return;
    const { scheduler } = this.#options;
    const delayMs = Math.max(FIRST_FRAME_MS, dueMs - scheduler.now());
    this.#cancelReview = scheduler.after(delayMs, () => this.#step({ type: 'review' }));
  }

  #save(): void {
    const { storage } = this.#options;
    if (storage) saveTransport(storage, this.#choice);
  }
}

/** Without the time, which the pilot adds; `Omit` would forget which fields belong together. */
type StepInput = ChoiceInput extends infer Input ? (Input extends ChoiceInput ? Omit<Input, 'atMs'> : never) : never;
