import { SHED_STEPS } from '@/lib/wire/system-pages.ts';

const ABOVE_MS = 5000;
const BELOW_MS = 30_000;
/** Back only from well below, or the server would go to and fro at the limit. */
const BELOW_SHARE = 0.9;
const RSS_SHARE = 0.75;
/** Of the heap V8 ends the process at, whatever the machine has left; live data and garbage not yet collected. */
const HEAP_SHARE = 0.85;

export type MemoryUse = { readonly rssBytes: number; readonly heapUsedBytes: number };

/** What is given up, in this order, and given back in the other. */
export type ShedPorts = {
  refuseNew(on: boolean): void;
  shortenRings(on: boolean): void;
  lengthenFrames(on: boolean): void;
};

const STEPS = [
  {
    port: 'refuseNew',
    on: 'new connections are refused until there is room',
    off: 'new connections are taken again',
  },
  {
    port: 'shortenRings',
    on: 'the ring of the newest events is shortened; readers that fall behind are served from the history',
    off: 'the ring of the newest events has its length again',
  },
  {
    port: 'lengthenFrames',
    on: 'frames are sent less often, in larger bundles; no event is left out',
    off: 'frames are sent as often as before',
  },
] as const;

/**
 * Sheds before the process dies: one step further after 5 s above a soft limit, one step back after 30 s below nine
 * tenths of it. Steps and limits are said in the log, which is in the journal, so that users see it too.
 */
export class MemoryGuard {
  readonly limits: MemoryUse;
  readonly #ports: ShedPorts;
  readonly #log: { warn(message: string): void };
  #steps = 0;
  #isAbove = false;
  #isBelow = false;
  #sinceMs = 0;
  /** Steps taken since the start, those back not counted. */
  sheds = 0;

  constructor(limits: MemoryUse, ports: ShedPorts, log: { warn(message: string): void }) {
    this.limits = limits;
    this.#ports = ports;
    this.#log = log;
  }

  /** How many of SHED_STEPS are taken; 0 is `none`. */
  get stepsTaken(): number {
    return this.#steps;
  }
  get step(): (typeof SHED_STEPS)[number] {
    return SHED_STEPS[this.#steps] ?? 'none';
  }

  /** @param nowMs of a clock that never goes back */
  check(nowMs: number, use: MemoryUse): void {
    const { rssBytes, heapUsedBytes } = this.limits;
    const share = Math.max(use.rssBytes / rssBytes, use.heapUsedBytes / heapUsedBytes);
    const isAbove = share > 1;
    const isBelow = share < BELOW_SHARE;
    if (isAbove !== this.#isAbove || isBelow !== this.#isBelow) {
      this.#isAbove = isAbove;
      this.#isBelow = isBelow;
      this.#sinceMs = nowMs;
    }
    const lastedMs = nowMs - this.#sinceMs;
    if (isAbove && lastedMs >= ABOVE_MS) this.#further(nowMs, use);
    else if (isBelow && lastedMs >= BELOW_MS) this.#back(nowMs, use);
  }

  #further(nowMs: number, use: MemoryUse): void {
    const step = STEPS[this.#steps];
    if (!step) return;
    this.#steps += 1;
    this.sheds += 1;
    this.#sinceMs = nowMs;
    this.#ports[step.port](true);
    this.#log.warn(`memory is short (${this.#describe(use)}): ${step.on}`);
  }

  #back(nowMs: number, use: MemoryUse): void {
    const step = STEPS[this.#steps - 1];
    if (!step) return;
    this.#steps -= 1;
    this.#sinceMs = nowMs;
    this.#ports[step.port](false);
    this.#log.warn(`memory has recovered (${this.#describe(use)}): ${step.off}`);
  }

  #describe({ rssBytes, heapUsedBytes }: MemoryUse): string {
    const mib = (bytes: number): number => Math.round(bytes / 1024 / 1024);
    const { limits } = this;
    const heap = `heap ${mib(heapUsedBytes)} of ${mib(limits.heapUsedBytes)} MiB`;
    return `${mib(rssBytes)} of ${mib(limits.rssBytes)} MiB, ${heap}`;
  }
}

/**
 * @param given the setting, in bytes
 * @param constrained what the control group allows; 0, absurdly much or more than there is where there is no group
 */
export function memoryLimits(
  given: number | undefined,
  machine: { readonly constrained: number | undefined; readonly total: number; readonly heapMax: number },
): MemoryUse {
  const { constrained = 0, total, heapMax } = machine;
  const usable = constrained > 0 && constrained < total ? constrained : total;
  return { rssBytes: given ?? Math.round(usable * RSS_SHARE), heapUsedBytes: Math.round(heapMax * HEAP_SHARE) };
}
