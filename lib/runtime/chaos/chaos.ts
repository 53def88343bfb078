import { AppError } from '@/lib/core/errors.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { ChaosReport, Fault } from '@/lib/wire/chaos.ts';
import { sentenceOf } from './fault-sentence.ts';

type ActiveFault = ChaosReport['active'][number];
/** Takes all faults that are active, whenever one begins or ends. */
type Afflicted = { apply(active: readonly ActiveFault[]): void };

export type ChaosPorts = {
  /** Breaks that part of the connections; returns how many. */
  cut(share: number): number;
  /** Blocks the event loop. */
  stall(stallMs: number): void;
  readonly lines: Afflicted;
  /** `kill` throws an AppError where there is nothing to kill. */
  readonly history: Afflicted & { kill(): void };
  /** Into the log, so that each fault stands among the events that it disturbed. */
  readonly log: { warn(sentence: string): void };
  now(): number;
  readonly owner: ResourceOwner;
};

const ACTIVE_MAX = 20;
/** The answer is on its way by then. */
const STALL_AFTER_MS = 50;

/** Faults on purpose: begins them, and ends each when its time is up. */
export class Chaos {
  readonly #ports: ChaosPorts;
  #active: readonly ActiveFault[] = [];
  #injected = 0;
  #nextId = 1;
  #healing: NodeJS.Timeout | undefined;
  #stalling: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(ports: ChaosPorts) {
    this.#ports = ports;
  }

  /** Throws an AppError when there are too many faults already, or when this one is not possible here. */
  inject(fault: Fault): ChaosReport {
    if (this.#closed) throw new AppError('shutting-down', 'the server is shutting down; nothing more is broken');
    const done = this.#strike(fault);
    this.#injected += 1;
    return done === undefined ? this.report() : { ...this.report(), done };
  }

  healAll(): ChaosReport {
    this.#heal(Number.POSITIVE_INFINITY);
    return this.report();
  }

  report(): ChaosReport {
    return { active: [...this.#active], injected: this.#injected };
  }

  /** Heals all, so that nothing is held back from a server that shuts down. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#heal(Number.POSITIVE_INFINITY);
    if (this.#stalling) this.#ports.owner.release('timer');
    clearTimeout(this.#stalling);
    this.#stalling = undefined;
    this.#ports.owner.close();
  }

  /** What was done, by a fault that is over at once. */
  #strike(fault: Fault): string | undefined {
    const { cut, history } = this.#ports;
    if (fault.fault === 'cut') {
      const count = cut(fault.share);
      return this.#tell(count === 1 ? 'cut 1 connection' : `cut ${count} connections`);
    }
    if (fault.fault === 'stall-loop') return this.#stallSoon(fault.stallMs);
    if (fault.fault === 'history' && fault.mode === 'kill') {
      history.kill();
      return this.#tell('ended the thread of the history');
    }
    this.#begin(fault, fault.seconds);
    return undefined;
  }

  #begin(fault: Fault, seconds: number): void {
    const sinceMs = this.#ports.now();
    if (this.#active.length >= ACTIVE_MAX) {
      const message = `${ACTIVE_MAX} faults are active already; wait for one to heal, or end all with DELETE /api/chaos`;
      throw new AppError('rate-limited', message, { retryAfterS: Math.ceil((this.#nextDueMs() - sinceMs) / 1000) });
    }
    const id = this.#nextId++;
    this.#tell(`${sentenceOf(fault)} for ${seconds} s (fault ${id})`);
    this.#become([...this.#active, { id, fault, sinceMs, untilMs: sinceMs + seconds * 1000 }]);
  }

  #heal(untilMs: number): void {
    const healed = this.#active.filter((active) => active.untilMs <= untilMs);
    this.#become(this.#active.filter((active) => active.untilMs > untilMs));
    for (const { id, fault } of healed) this.#tell(`fault ${id} (${fault.fault}) has healed`);
  }

  #become(active: readonly ActiveFault[]): void {
    const { lines, history, owner, now } = this.#ports;
    this.#active = active;
    lines.apply(active);
    history.apply(active);
    if (this.#healing) owner.release('timer');
    clearTimeout(this.#healing);
    this.#healing = undefined;
    if (active.length === 0) return;
    owner.acquire('timer');
    // A timer may come a little early: then it is set again for what is left.
    this.#healing = setTimeout(() => this.#heal(now()), Math.max(1, this.#nextDueMs() - now())).unref();
  }

  #nextDueMs(): number {
    return Math.min(...this.#active.map(({ untilMs }) => untilMs));
  }

  #stallSoon(stallMs: number): string {
    const { owner, stall } = this.#ports;
    if (this.#stalling) {
      throw new AppError('rate-limited', 'the event loop is about to stand still already', { retryAfterS: 1 });
    }
    owner.acquire('timer');
    this.#stalling = setTimeout(() => {
      this.#stalling = undefined;
      owner.release('timer');
      stall(stallMs);
    }, STALL_AFTER_MS).unref();
    return this.#tell(`the event loop stands still for ${stallMs} ms`);
  }

  #tell(sentence: string): string {
    this.#ports.log.warn(`chaos: ${sentence}`);
    return sentence;
  }
}
