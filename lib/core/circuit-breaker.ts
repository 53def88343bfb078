export type BreakerState = 'closed' | 'open' | 'half-open';

/** What became of a call. `ignored`: it says nothing about the one called (a wrong request, a caller that left). */
export type CallOutcome = 'ok' | 'slow' | 'failed' | 'ignored';

/** Hand it back with the outcome: a call that began before the breaker changed its mind is no evidence afterwards. */
export type Permit = { readonly generation: number; readonly isProbe: boolean };

export type BreakerChange = {
  readonly name: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** Why, as a sentence for the log. */
  readonly cause: string;
  readonly error: unknown;
};

export type BreakerOptions = {
  readonly name: string;
  readonly now: () => number;
  /** In [0, 1); injected so that tests are exact. */
  readonly random?: () => number;
  /** How long it stays open at first, in ms; twice as long after each failed probe. */
  readonly cooldownMs: number;
  readonly onChange?: (change: BreakerChange) => void;
};

/** Fields of `BreakerReport` in lib/wire/system-pages.ts, which core must not import. */
export type BreakerFigures = {
  readonly name: string;
  readonly state: BreakerState;
  readonly sinceMs: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly opened: number;
  readonly probeAtMs?: number;
  readonly lastError?: string;
};

/**
 * The window is short, so that yesterday's good calls do not outvote today's bad ones. Three calls, since one or two are
 * an accident; half of them, since whoever fails every second time is of no use. Slowness is milder: a single long
 * flush among few calls is normal, five in a row are not.
 */
export const BREAKER_LIMITS = {
  windowCalls: 50,
  windowMs: 10_000,
  failureCallsMin: 3,
  failureShare: 0.5,
  slowCallsMin: 5,
  slowShare: 0.8,
  cooldownMaxMs: 30_000,
  probesToClose: 2,
} as const;

/** Part of a cool-down that chance decides: breakers that opened together must not probe together. */
const JITTER_SHARE = 0.2;

/**
 * Refuses calls at once while the one called is away, instead of letting each of them wait for it. Closed: all calls pass
 * and are judged. Open: none does, until a cool-down is over. Half-open: one probe at a time; two good ones close it, a
 * failed one opens it for twice as long. A slow probe is a good one: it was done, and a store that is only slow would
 * otherwise be shut out until half a minute lies between two commits; if it stays slow, the window opens it again.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #window = new CallWindow(BREAKER_LIMITS.windowCalls, BREAKER_LIMITS.windowMs);
  #state: BreakerState = 'closed';
  #sinceMs: number;
  #generation = 0;
  #probing = false;
  #goodProbes = 0;
  #failedProbes = 0;
  #probeAtMs = 0;
  #opened = 0;
  #lastError: unknown;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#sinceMs = options.now();
  }

  get state(): BreakerState {
    return this.#state;
  }
  /** How long until a call may be tried, in ms; 0 unless it is open. */
  get waitMs(): number {
    return this.#state === 'open' ? Math.max(0, this.#probeAtMs - this.#options.now()) : 0;
  }

  /**
   * Asks for a call; undefined means that it is refused. Each permit must come back through `settle`.
   * @param kind `probe`: its success proves that all is well again, so half-open lets only one at a time through. `pass`:
   * its success proves nothing; half-open lets it through, and only its failure counts.
   */
  tryCall(kind: 'probe' | 'pass' = 'probe'): Permit | undefined {
    if (this.#state === 'open') {
      if (this.waitMs > 0) return undefined;
      this.#move('half-open', 'the cool-down is over', undefined);
    }
    if (this.#state === 'closed' || kind === 'pass') return { generation: this.#generation, isProbe: false };
    if (this.#probing) return undefined;
    this.#probing = true;
    return { generation: this.#generation, isProbe: true };
  }

  settle({ generation, isProbe }: Permit, outcome: CallOutcome, error?: unknown): void {
    if (generation !== this.#generation) return;
    if (isProbe) this.#probing = false;
    if (outcome === 'ignored') return;
    if (outcome === 'failed') this.#lastError = error;
    if (this.#state === 'closed') this.#judge(outcome, error);
    else if (outcome === 'failed') this.#reopen(error);
    else if (isProbe) this.#closeAfter(BREAKER_LIMITS.probesToClose);
  }

  /** Makes the next probe due at once: whoever shuts down cannot wait for it. */
  hurry(): void {
    this.#probeAtMs = Math.min(this.#probeAtMs, this.#options.now());
  }

  report(): BreakerFigures {
    const { calls, failures, slow } = this.#window.count(this.#options.now());
    return {
      name: this.#options.name,
      state: this.#state,
      sinceMs: this.#sinceMs,
      calls,
      failures,
      slow,
      opened: this.#opened,
      ...(this.#state === 'open' && { probeAtMs: this.#probeAtMs }),
      ...(this.#lastError !== undefined && { lastError: messageOf(this.#lastError) }),
    };
  }

  #judge(outcome: CallOutcome, error: unknown): void {
    const nowMs = this.#options.now();
    this.#window.add(nowMs, outcome);
    const { calls, failures, slow } = this.#window.count(nowMs);
    const { failureCallsMin, failureShare, slowCallsMin, slowShare } = BREAKER_LIMITS;
    if (calls >= failureCallsMin && failures >= calls * failureShare) {
      this.#open(`${failures} of the last ${calls} calls failed`, error);
    } else if (calls >= slowCallsMin && slow >= calls * slowShare) {
      this.#open(`${slow} of the last ${calls} calls were slow`, error);
    }
  }

  #reopen(error: unknown): void {
    this.#failedProbes += 1;
    this.#open('a probe failed', error);
  }

  #open(cause: string, error: unknown): void {
    const { cooldownMs, now, random = Math.random } = this.#options;
    const ceilingMs = Math.max(BREAKER_LIMITS.cooldownMaxMs, cooldownMs);
    const longMs = Math.min(ceilingMs, cooldownMs * 2 ** Math.min(this.#failedProbes, 30));
    this.#probeAtMs = now() + longMs * (1 - JITTER_SHARE * random());
    this.#opened += 1;
    this.#move('open', cause, error);
  }

  #closeAfter(probes: number): void {
    this.#goodProbes += 1;
    if (this.#goodProbes < probes) return;
    this.#failedProbes = 0;
    this.#window.clear();
    this.#move('closed', `${probes} probes in a row were answered`, undefined);
  }

  #move(to: BreakerState, cause: string, error: unknown): void {
    const from = this.#state;
    this.#state = to;
    this.#sinceMs = this.#options.now();
    this.#generation += 1;
    this.#probing = false;
    this.#goodProbes = 0;
    this.#options.onChange?.({ name: this.#options.name, from, to, cause, error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const CODES = { ok: 0, slow: 1, failed: 2, ignored: 3 } as const;

/** Outcomes of the newest calls in preallocated arrays, with running counts: judging a call allocates nothing that stays. */
class CallWindow {
  readonly #ageMs: number;
  readonly #timesMs: Float64Array;
  readonly #codes: Uint8Array;
  readonly #counts = new Uint32Array(4);
  #start = 0;
  #size = 0;

  constructor(callsMax: number, ageMs: number) {
    this.#ageMs = ageMs;
    this.#timesMs = new Float64Array(callsMax);
    this.#codes = new Uint8Array(callsMax);
  }

  add(nowMs: number, outcome: CallOutcome): void {
    if (this.#size === this.#codes.length) this.#dropOldest();
    const at = (this.#start + this.#size) % this.#codes.length;
    this.#timesMs[at] = nowMs;
    this.#codes[at] = CODES[outcome];
    this.#counts[CODES[outcome]] = this.#of(outcome) + 1;
    this.#size += 1;
  }

  count(nowMs: number): { calls: number; failures: number; slow: number } {
    while (this.#size > 0 && nowMs - (this.#timesMs[this.#start] ?? 0) > this.#ageMs) this.#dropOldest();
    return { calls: this.#size, failures: this.#of('failed'), slow: this.#of('slow') };
  }

  clear(): void {
    this.#size = 0;
    this.#counts.fill(0);
  }

  #of(outcome: CallOutcome): number {
    return this.#counts[CODES[outcome]] ?? 0;
  }

  #dropOldest(): void {
    const code = this.#codes[this.#start] ?? 0;
    this.#counts[code] = (this.#counts[code] ?? 1) - 1;
    this.#start = (this.#start + 1) % this.#codes.length;
    this.#size -= 1;
  }
}
