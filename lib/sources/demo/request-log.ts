import type { Attributes } from '@/lib/core/event.ts';
import type { Level } from '@/lib/core/level.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { HEALTHY, REGIONS, type Service, USER_AGENTS } from './catalogue.ts';
import type { Conditions } from './incidents.ts';
import type { Random } from './random.ts';

/** One in 400 requests fails on an ordinary day. */
const EVERYDAY_FAILURES = 0.0025;

export type Request = {
  readonly service: Service;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Set where the caller decides the outcome; else the conditions do. */
  readonly status?: number;
  readonly durationMs?: number;
};
export type Outcome = { readonly status: number; readonly durationMs: number; readonly failed: boolean };

/** Writes the lines of one visit: all share a trace, and each is a little later than the one before. */
export class VisitLog {
  readonly random: Random;
  readonly conditions: Conditions;
  readonly lines: SourceEvent[];
  readonly #count: (service: Service, outcome: Outcome) => void;
  readonly #traceId: string;
  readonly #requestId: string;
  readonly #userAgent: string;
  readonly #region: string;
  readonly #untilMs: number;
  #timeMs: number;

  constructor(options: {
    random: Random;
    conditions: Conditions;
    lines: SourceEvent[];
    fromMs: number;
    untilMs: number;
    count: (service: Service, outcome: Outcome) => void;
  }) {
    const { random } = options;
    this.random = random;
    this.conditions = options.conditions;
    this.lines = options.lines;
    this.#count = options.count;
    this.#timeMs = random.integer(options.fromMs, options.untilMs - 1);
    this.#untilMs = options.untilMs;
    this.#traceId = random.hex(32);
    this.#requestId = `req_${this.#traceId.slice(0, 12)}`;
    this.#userAgent = random.pick(USER_AGENTS);
    this.#region = random.pick(REGIONS);
  }

  /** An access line; failures of the server are errors, refusals of the client warnings. */
  request(request: Request): Outcome {
    const { service, method, path } = request;
    const { random, conditions } = this;
    const failed = random.chance(EVERYDAY_FAILURES + (conditions.failures[service] ?? 0));
    const status = request.status ?? (failed ? (random.chance(0.5) ? 500 : 503) : 200);
    const median = HEALTHY[service].medianMs * (conditions.slowness[service] ?? 1);
    const durationMs = request.durationMs ?? Math.max(1, Math.round(random.skewed(median, 0.45)));
    const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
    this.#write(service, level, `${method} ${path} ${status} ${durationMs} ms`, {
      method,
      path,
      status,
      durationMs,
      requestId: this.#requestId,
      userAgent: this.#userAgent,
      region: this.#region,
      version: HEALTHY[service].version,
    });
    const outcome = { status, durationMs, failed: status >= 500 };
    this.#count(service, outcome);
    return outcome;
  }

  /** A line about the business or the trouble of a service. */
  say(service: Service, level: Level, message: string, attributes: Attributes = {}): void {
    this.#write(service, level, message, { requestId: this.#requestId, ...attributes });
  }

  #write(service: Service, level: Level, message: string, attributes: Attributes): void {
    this.#timeMs = Math.min(this.#untilMs - 1, this.#timeMs + 1);
    this.lines.push({
      kind: 'log',
      time: this.#timeMs,
      level,
      service,
      message,
      traceId: this.#traceId,
      spanId: this.random.hex(16),
      attributes: { demo: true, ...attributes },
    });
  }
}
