import { setTimeout as pause } from 'node:timers/promises';
import { type Figures, figuresOf } from './figures.ts';
import { filterMix, lastEvent } from './filter-mix.ts';
import type { Aim, StormReport } from './messages.ts';
import type { LoadOptions } from './options.ts';
import { type Sampler, sumStorms } from './sampler.ts';
import type { ServerProbe } from './server-probe.ts';
import type { ServerSample } from './server-sample.ts';
import { type Stage, shareAt, stormTimes } from './stage-plan.ts';
import type { WorkerPool } from './worker-pool.ts';

const TURN_MS = 100;
const WARM_MS = 4000;
const RAMP_GRACE_MS = 30_000;
const PUBLISHED_MS_MAX = 10_000;
/** How long connections and memory may take to be given back. */
const AFTER_MS_MAX = 15_000;
const AFTER_MS_MIN = 2000;
/** A storm that is not over by then is not waited for any more. */
const STORM_GRACE_MS = 10_000;

export type Parts = {
  readonly options: LoadOptions;
  readonly url: string;
  readonly pool: WorkerPool;
  readonly probe: ServerProbe;
  readonly sampler: Sampler;
  /** Stops the load; what there is is reported. */
  readonly signal: AbortSignal;
};

/** Leads a run through its stages: says what should be ten times a second, and the workers follow. */
export class Coordinator {
  readonly #parts: Parts;
  readonly #storms: StormReport[] = [];
  #stage: Stage = 'ramp';
  #stageMs = performance.now();
  #isStorming = false;
  #aimSent = '';

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get stage(): Stage {
    return this.#stage;
  }

  async run(): Promise<Figures> {
    const { probe, sampler, options, pool, signal } = this.#parts;
    if (options.warm > 0) await this.#warm();
    const before = await probe.refresh();
    await this.#ramp();
    await this.#hold();
    const unsettled = await this.#settle();
    await this.#during('cool', (elapsedMs) => elapsedMs >= options.stages.cool);
    const after = await this.#after(before);
    await pool.end();
    const stopped = signal.aborted ? String(signal.reason) : undefined;
    return figuresOf({ ...sampler.gathered, storms: this.#storms, unsettled, before, after, stopped, options });
  }

  /** The first viewers make code hot and the heap large; that is not what one more costs. */
  async #warm(): Promise<void> {
    this.#enter('warm');
    const aim: Aim = { viewers: this.#parts.options.warm, slow: 0, rate: 0, churn: 0, isMeasuring: false };
    this.#send(aim);
    await this.#wait(WARM_MS);
    this.#send({ ...aim, viewers: 0 });
    await this.#wait(WARM_MS);
    this.#parts.sampler.forget();
  }

  /** A server that lets viewers in more slowly than they come is waited for: a storm of those who are there is none of all. */
  async #ramp(): Promise<void> {
    const { options, pool } = this.#parts;
    const { ramp } = options.stages;
    await this.#during('ramp', (elapsedMs) => {
      const open = pool.reports.reduce((sum, report) => sum + report.open, 0);
      const areIn = open >= options.viewers + options.slow;
      return elapsedMs >= ramp && (areIn || elapsedMs >= ramp + RAMP_GRACE_MS);
    });
  }

  async #hold(): Promise<void> {
    const { options, sampler } = this.#parts;
    const { hold } = options.stages;
    const due = stormTimes(options.storms, hold);
    await this.#during('hold', (elapsedMs) => {
      this.#watchStorm();
      if (!this.#isStorming && due[0] !== undefined && elapsedMs >= due[0]) {
        due.shift();
        this.#isStorming = true;
        this.#parts.pool.order({ kind: 'storm' });
        sampler.stormBegan();
      }
      const churned = options.churnTotal !== undefined && sampler.counts.churned >= options.churnTotal;
      return !this.#isStorming && ((elapsedMs >= hold && due.length === 0) || churned);
    });
    if (this.#isStorming) this.#storms.push(sumStorms(this.#parts.pool.reports));
  }

  #watchStorm(): void {
    if (!this.#isStorming) return;
    const { options, sampler, pool } = this.#parts;
    const storm = sampler.stormReport;
    const isLate = sampler.stormAgeMs > options.thresholds.resumeS * 1000 + STORM_GRACE_MS;
    if (!storm || (storm.recovered < storm.dropped && !isLate)) return;
    this.#isStorming = false;
    this.#storms.push(sumStorms(pool.reports));
  }

  /** Publishing ends, and one last event for each filter goes out: who has that has lost nothing before it. */
  async #settle(): Promise<number | undefined> {
    const { options, pool, sampler, signal } = this.#parts;
    if (options.rate === 0 || options.query !== undefined || options.viewers === 0 || signal.aborted) return undefined;
    this.#enter('settle');
    const quiet = (): boolean => !pool.reports.some(({ isPublishing }) => isPublishing);
    this.#send(this.#aim(0));
    await this.#wait(1500);
    await this.#waitUntil(quiet, PUBLISHED_MS_MAX);
    const lastSeqs = await this.#sendLastEvents();
    if (!lastSeqs) return undefined;
    pool.order({ kind: 'settle', lastSeqs });
    // Who may take so long to come back may take as long to catch up.
    const msMax = options.thresholds.resumeS * 1000;
    const settledAt = sampler.seconds + 2;
    const unsettled = (): number => pool.reports.reduce((sum, report) => sum + report.unsettled, 0);
    await this.#waitUntil(() => sampler.seconds >= settledAt && unsettled() === 0, msMax);
    return unsettled();
  }

  async #sendLastEvents(): Promise<number[] | undefined> {
    const { options, url } = this.#parts;
    const seqs: number[] = [];
    for (const filter of filterMix(options.filters, options.query)) {
      const headers = { 'Content-Type': 'application/json' };
      const sent = await fetch(`${url}/api/events`, { method: 'POST', headers, body: lastEvent(filter) }).catch(
        () => undefined,
      );
      const { last = '' } = sent?.ok ? ((await sent.json()) as { last?: string }) : {};
      const seq = Number(last.split('.')[1] ?? Number.NaN);
      if (!Number.isFinite(seq)) return undefined;
      seqs.push(seq);
    }
    return seqs;
  }

  /** All viewers are gone: so must be what they held. */
  async #after(before: ServerSample): Promise<ServerSample | undefined> {
    this.#enter('after');
    this.#send({ viewers: 0, slow: 0, rate: 0, churn: 0, isMeasuring: false });
    const { probe } = this.#parts;
    const deadline = performance.now() + AFTER_MS_MAX;
    let sample: ServerSample;
    await pause(AFTER_MS_MIN);
    do {
      await pause(TURN_MS * 5);
      sample = await probe.refresh();
    } while (
      performance.now() < deadline &&
      ((sample.connections ?? 0) > (before.connections ?? 0) || (sample.leaked ?? 0) > 0)
    );
    return sample;
  }

  async #during(stage: Stage, isOver: (elapsedMs: number) => boolean): Promise<void> {
    if (this.#parts.signal.aborted) return;
    this.#enter(stage);
    for (;;) {
      const elapsedMs = performance.now() - this.#stageMs;
      if (this.#parts.signal.aborted || isOver(elapsedMs)) return;
      this.#send(this.#aim(elapsedMs));
      await pause(TURN_MS);
    }
  }

  #aim(elapsedMs: number): Aim {
    const { options } = this.#parts;
    const stage = this.#stage;
    const share = shareAt(stage, elapsedMs, options.stages);
    const isLoaded = stage === 'ramp' || stage === 'hold';
    const churn = options.churnTotal !== undefined && options.churn === 0 ? -1 : options.churn;
    return {
      viewers: Math.round(share * options.viewers),
      slow: Math.round(share * options.slow),
      rate: isLoaded ? Math.round(share * options.rate) : 0,
      churn: stage === 'hold' ? churn : 0,
      isMeasuring: stage === 'hold' || stage === 'settle',
    };
  }

  #enter(stage: Stage): void {
    this.#stage = stage;
    this.#stageMs = performance.now();
    this.#parts.sampler.enter(stage);
  }

  #send(aim: Aim): void {
    const text = JSON.stringify(aim);
    if (text === this.#aimSent) return;
    this.#aimSent = text;
    this.#parts.sampler.wanted = aim.viewers + aim.slow;
    this.#parts.pool.aim(aim);
  }

  #wait(ms: number): Promise<void> {
    return this.#waitUntil(() => false, ms);
  }

  async #waitUntil(holds: () => boolean, msMax: number): Promise<void> {
    const deadline = performance.now() + msMax;
    while (!holds() && performance.now() < deadline && !this.#parts.signal.aborted) await pause(TURN_MS);
  }
}
