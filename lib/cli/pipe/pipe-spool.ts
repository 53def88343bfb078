import { createHash } from 'node:crypto';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeAtomically } from '../agent/atomic-file.ts';
import type { BatchPoster } from '../agent/batch-poster.ts';
import { ByteWindow } from '../agent/byte-window.ts';
import type { LineOrigin } from '../agent/event-lines.ts';
import { newGeneration, placeSchema } from '../agent/file-memory.ts';
import { pause } from '../agent/pause.ts';
import { LockTaken, ProcessLock } from '../agent/process-lock.ts';
import type { SendTotals } from '../agent/send-totals.ts';
import { type End, FINAL_END, OPEN_END, type Place, QUIET_END, StreamSender } from '../agent/stream-sender.ts';
import { SpoolSegments } from './spool-segments.ts';

/** A program that was silent for so long has ended its stack trace. */
const QUIET_MS = 250;
const POLL_MS = 50;
/** After an error of the disk. */
const FAILED_MS = 1_000;
/** Before what has been sent is removed. */
const BATCHES_PER_TURN = 16;
const SPOOLS_MAX = 64;

const stateSchema = z.object({ generation: z.string(), place: placeSchema });

export type SpoolOptions = {
  readonly bytesMax: number;
  readonly origin: LineOrigin;
  readonly poster: BatchPoster;
  readonly totals: SendTotals;
  readonly tell: (sentence: string) => void;
};

/** Where the spools of one pipe are: it is known by its server and its service. Several runs at a time have one each. */
export function spoolsDirectory(stateDir: string, url: string, service: string): string {
  const digest = createHash('sha256').update(`${url}\n${service}`).digest('hex').slice(0, 12);
  return join(stateDir, 'pipes', `${service.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60)}-${digest}`);
}

/** One spool, of which this process is the only user, and what sends it. */
export class PipeSpool {
  readonly segments: SpoolSegments;
  readonly #directory: string;
  readonly #lock: ProcessLock;
  readonly #options: SpoolOptions;
  readonly #sender: StreamSender;
  #linesSent: number;
  #lastMs = performance.now();
  #isFinal = false;
  /** That more has come than the spool takes. */
  #isTold = false;
  #told = '';
  linesLost = 0;

  private constructor(
    directory: string,
    lock: ProcessLock,
    options: SpoolOptions,
    segments: SpoolSegments,
    state: { generation: string; place: Place },
    linesSent: number,
  ) {
    const { poster, origin, totals } = options;
    this.#directory = directory;
    this.#lock = lock;
    this.#options = options;
    this.segments = segments;
    this.#linesSent = linesSent;
    this.#sender = new StreamSender({
      source: segments,
      place: state.place,
      name: () => `pipe-${state.generation}`,
      format: 'cri',
      origin,
      poster,
      save: (place) => this.#save(state.generation, place),
      onDelivered: (batch, delivery) => {
        this.#linesSent += batch.lines;
        totals.add(origin.service ?? origin.serviceElse, batch, delivery);
      },
    });
  }

  /** The first free spool to write to, and those of earlier runs that have something left. */
  static async openAll(directory: string, options: SpoolOptions): Promise<[PipeSpool, ...PipeSpool[]]> {
    const present: string[] = await readdir(directory).catch(() => []);
    let own: PipeSpool | undefined;
    const others: PipeSpool[] = [];
    for (let number = 1; number <= SPOOLS_MAX; number += 1) {
      const name = String(number);
      if (own && !present.includes(name)) continue;
      const spool = await PipeSpool.#open(join(directory, name), options);
      if (!own) own = spool;
      else if (spool) others.push(spool);
    }
    if (!own) throw new Error(`${SPOOLS_MAX} pipes of this service are running already`);
    return [own, ...others];
  }

  static async #open(directory: string, options: SpoolOptions): Promise<PipeSpool | undefined> {
    let lock: ProcessLock;
    try {
      lock = await ProcessLock.take(join(directory, 'lock'));
    } catch (error) {
      if (error instanceof LockTaken) return undefined;
      throw error;
    }
    const known = await readJson(join(directory, 'place.json'), stateSchema);
    const state = known ?? { generation: newGeneration(), place: { offset: 0, cuts: [] } };
    const segments = await SpoolSegments.open(directory, options.bytesMax, state.place.offset);
    const linesSent = await segments.linesTo(state.place.offset);
    return new PipeSpool(directory, lock, options, segments, state, linesSent);
  }

  get bytesLeft(): number {
    return Math.max(0, this.segments.end - Math.max(this.#sender.offset, this.segments.begin));
  }

  /** Something was written. */
  touch(): void {
    this.#lastMs = performance.now();
    if (this.#sender.offset < this.segments.begin && !this.#isTold)
      this.#options.tell(`${this.#full()}: the oldest lines go`);
    this.#isTold = this.#sender.offset < this.segments.begin;
  }
  /** Nothing more will be written. */
  finish(): void {
    this.#isFinal = true;
  }

  /** Sends until all is sent that will ever come, or aborted. */
  async send(signal: AbortSignal): Promise<void> {
    const window = new ByteWindow();
    let reached: { readonly end: End; readonly at: number } | undefined;
    while (!signal.aborted) {
      await this.#skipGone();
      const at = this.segments.end;
      const end = this.#end();
      const hasMore = reached?.end !== end || reached.at !== at;
      if (!hasMore && end === FINAL_END) return;
      if (!hasMore) await pause(POLL_MS, signal);
      else if ((await this.#run(window, end, signal)) && this.segments.end === at) reached = { end, at };
    }
  }

  /** Resolves to whether the end was reached. A disk that fails may be well again later. */
  async #run(window: ByteWindow, end: End, signal: AbortSignal): Promise<boolean> {
    try {
      const isAtEnd = await this.#sender.run(window, end, BATCHES_PER_TURN);
      await this.segments.release(this.#sender.offset);
      return isAtEnd;
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      if (!signal.aborted && says !== this.#told) this.#options.tell(`the spool cannot be used: ${says}; trying again`);
      this.#told = says;
      await pause(FAILED_MS, signal);
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#skipGone().catch(() => undefined);
    await this.segments.close(this.#sender.offset);
    if (this.segments.begin === this.segments.end) await rm(join(this.#directory, 'place.json'), { force: true });
    await this.#lock.release();
    await rmdir(this.#directory).catch(() => undefined);
  }

  #end(): End {
    if (this.#isFinal) return FINAL_END;
    return performance.now() - this.#lastMs >= QUIET_MS ? QUIET_END : OPEN_END;
  }

  /** What the bound of the spool has taken away before it could be sent. */
  async #skipGone(): Promise<void> {
    const { begin, linesGone } = this.segments;
    if (this.#sender.offset >= begin) return;
    const lost = Math.max(0, linesGone - this.#linesSent);
    this.#linesSent = linesGone;
    this.linesLost += lost;
    await this.#sender.skipTo(begin);
    this.#options.tell(`${this.#full()}: about ${lost.toLocaleString('en-US')} lines are lost`);
  }

  #full(): string {
    return `the spool is full (${(this.#options.bytesMax / 1024 / 1024).toFixed(0)} MiB)`;
  }

  async #save(generation: string, place: Place): Promise<void> {
    await writeAtomically(join(this.#directory, 'place.json'), `${JSON.stringify({ generation, place })}\n`);
  }
}
