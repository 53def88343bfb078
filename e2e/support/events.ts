import { LEVELS } from '@/lib/core/level.ts';
import type { Random } from './random.ts';

export type TestEvent = {
  kind: 'log' | 'metric';
  service: string;
  attributes: { n: string };
  level?: string;
  message?: string;
  name?: string;
  value?: number;
};

const SERVICES = ['api', 'web', 'worker', 'billing'];
const WORDS = ['cache miss', 'order placed', 'Überlauf', '支払い', 'retry 3/5', 'timeout after 30 s', '"quoted"', '🚰'];

/** Makes events that can be told apart: `attributes.n` is unique within a test when `prefix` is. */
export class EventFactory {
  readonly #random: Random;
  readonly #prefix: string;
  #count = 0;

  constructor(random: Random, prefix = 'e') {
    this.#random = random;
    this.#prefix = prefix;
  }

  one(fixed: Partial<TestEvent> = {}): TestEvent {
    const random = this.#random;
    const common = { service: random.pick(SERVICES), attributes: { n: `${this.#prefix}${this.#count++}` } };
    if ((fixed.kind ?? (random.next() < 0.2 ? 'metric' : 'log')) === 'metric') {
      return { kind: 'metric', name: 'queue.depth', value: random.integer(0, 1000), ...common, ...fixed };
    }
    const message = `${random.pick(WORDS)} ${random.integer(0, 1e6)}`;
    return { kind: 'log', level: random.pick(LEVELS), message, ...common, ...fixed };
  }

  many(count: number, fixed: Partial<TestEvent> = {}): TestEvent[] {
    return Array.from({ length: count }, () => this.one(fixed));
  }
}

export function toNdjson(events: readonly unknown[]): string {
  return `${events.map((event) => JSON.stringify(event)).join('\n')}\n`;
}
