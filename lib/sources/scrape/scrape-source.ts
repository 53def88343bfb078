import { setImmediate as turn } from 'node:timers/promises';
import { type Clock, systemClock } from '@/lib/core/clock.ts';
import type { Source, SourceEvent, SourceSink } from '@/lib/core/source.ts';
import { timeInput } from '@/lib/core/time-input.ts';
import { addressOf, readTarget, ScrapeFailure, type TargetAddress } from './read-target.ts';

export type ScrapeOptions = {
  /** Service of the samples. */
  readonly job: string;
  readonly url: string;
  readonly intervalMs: number;
  /** Samples of one scrape at most; what is beyond is dropped, and told. */
  readonly samplesMax: number;
  readonly clock?: Clock;
  /** Where in the interval the target is asked, 0 to 1: many targets are not asked at the same moment. */
  readonly random?: () => number;
};

/** Before the next scrape is due, and never longer than this. */
const TIMEOUT_SHARE = 0.8;
const TIMEOUT_MS_MAX = 10_000;
/** The sink checks each event, about 10 µs: after so many the event loop gets a turn. */
const EVENTS_PER_TURN = 200;

/** What is not as it should be; told when it begins and when it ends, not at every scrape. */
type Trouble = { readonly kind: 'away' | 'too-many' | 'malformed'; readonly says: string };

/**
 * A target of Prometheus, asked in an interval. Beside its samples there is `up`, 1 or 0, and how long the scrape took. A
 * scrape that fails leaves nothing but these: half of the samples would look like a target that has lost the others.
 */
export function createScrapeSource(options: ScrapeOptions): Source {
  const address = addressOf(options.url);
  return {
    name: `${options.job} ${address.shown}`,
    start: (sink) => Promise.resolve(startScraping(options, address, sink)),
  };
}

function startScraping(options: ScrapeOptions, address: TargetAddress, sink: SourceSink): () => Promise<void> {
  const { intervalMs, clock = systemClock, random = Math.random } = options;
  const stop = new AbortController();
  const target = new Target(options, address, sink, stop.signal);
  let running = Promise.resolve();
  let dueMs = clock.now() + random() * intervalMs;
  let timer: NodeJS.Timeout;

  const arm = (): void => {
    timer = setTimeout(
      () => {
        running = target.scrape(clock).then(next);
      },
      Math.max(1, dueMs - clock.now()),
    );
    timer.unref();
  };
  // Computed from the phase anew, so that lateness never adds up; what has been missed is not made up for.
  const next = (): void => {
    dueMs += Math.max(1, Math.ceil((clock.now() - dueMs) / intervalMs)) * intervalMs;
    if (!stop.signal.aborted) arm();
  };
  arm();
  return async () => {
    stop.abort();
    clearTimeout(timer);
    await running;
  };
}

class Target {
  readonly #options: ScrapeOptions;
  readonly #address: TargetAddress;
  readonly #sink: SourceSink;
  readonly #stop: AbortSignal;
  #trouble: Trouble['kind'] | undefined;

  constructor(options: ScrapeOptions, address: TargetAddress, sink: SourceSink, stop: AbortSignal) {
    this.#options = options;
    this.#address = address;
    this.#sink = sink;
    this.#stop = stop;
  }

  /** Never rejects. */
  async scrape(clock: Clock): Promise<void> {
    const { job, samplesMax, intervalMs } = this.#options;
    const { instance } = this.#address;
    const timeMs = clock.now();
    const timeoutMs = Math.min(TIMEOUT_MS_MAX, Math.round(intervalMs * TIMEOUT_SHARE));
    try {
      const reading = { job, instance, timeMs, samplesMax };
      const { events, samples, dropped, malformed } = await readTarget(this.#address, reading, timeoutMs, this.#stop);
      await this.#emit(events);
      this.#report(timeMs, { up: 1, durationMs: clock.now() - timeMs, samples });
      this.#tell(timeMs, troubleOf(dropped, malformed, samplesMax));
    } catch (error) {
      if (this.#stop.aborted) return;
      const says = error instanceof ScrapeFailure ? error.message : `unexpected: ${String(error)}`;
      this.#report(timeMs, { up: 0, durationMs: clock.now() - timeMs, samples: 0 });
      this.#tell(timeMs, { kind: 'away', says });
    }
  }

  async #emit(events: readonly SourceEvent[]): Promise<void> {
    for (let at = 0; at < events.length && !this.#stop.aborted; at += EVENTS_PER_TURN) {
      this.#sink(events.slice(at, at + EVENTS_PER_TURN));
      await turn();
    }
  }

  /** Under the names that Prometheus gives them. */
  #report(timeMs: number, { up, durationMs, samples }: { up: number; durationMs: number; samples: number }): void {
    if (this.#stop.aborted) return;
    const { job } = this.#options;
    const attributes = { instance: this.#address.instance };
    const common = {
      kind: 'metric' as const,
      time: timeInput(timeMs),
      service: job,
      type: 'gauge' as const,
      attributes,
    };
    this.#sink([
      { ...common, name: 'up', value: up },
      { ...common, name: 'scrape_duration_seconds', value: durationMs / 1000, unit: 's' },
      { ...common, name: 'scrape_samples_scraped', value: samples, unit: '1' },
    ]);
  }

  #tell(timeMs: number, trouble: Trouble | undefined): void {
    if (trouble?.kind === this.#trouble || this.#stop.aborted) return;
    this.#trouble = trouble?.kind;
    const { job } = this.#options;
    const { shown, instance } = this.#address;
    const message = trouble
      ? `scrape of ${shown}: ${trouble.says}; told once, until this changes`
      : `scrape of ${shown}: all is well again`;
    const level = trouble ? 'warn' : 'info';
    this.#sink([{ kind: 'log', time: timeInput(timeMs), level, service: job, message, attributes: { instance } }]);
  }
}

function troubleOf(dropped: number, malformed: number, samplesMax: number): Trouble | undefined {
  if (dropped > 0) {
    const says = `it exposes ${samplesMax + dropped} samples, of which ${samplesMax} are kept (TAILRACE_SCRAPE_SAMPLES_MAX)`;
    return { kind: 'too-many', says };
  }
  if (malformed > 0) return { kind: 'malformed', says: `${malformed} lines could not be read and were left out` };
  return undefined;
}
