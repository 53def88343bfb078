import { compileFilter, type Filterable } from '@/lib/core/filter.ts';
import { compileTopics, filterableOf } from '@/lib/core/filter-topics.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { ViewLimit } from '@/lib/core/principal.ts';
import { type MqttVersion, publish } from '@/lib/transport/mqtt-format.ts';
import { eventPattern, eventTopic } from '@/lib/wire/mqtt-topics.ts';
import type { Runtime } from '../create-runtime.ts';

/** How far back the first look into the history goes; what has been silent for longer comes with its next value. */
const FILL = { limit: 5000, bytesMax: 2 * 1024 * 1024 };

type LastValue = { readonly seq: number; readonly event: Filterable };

/**
 * The last value of each metric: what MQTT calls a retained message, one for each topic. Nothing is kept until the first
 * client comes; then the newest metrics are read from the history once, and each commit adds its own.
 */
export class MqttRetained {
  readonly #runtime: Runtime;
  readonly #values = new Map<string, LastValue>();
  #seenSeq = 0;
  #filling: Promise<void> | undefined;
  #stopListening: (() => void) | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get size(): number {
    return this.#values.size;
  }

  /** Resolves when there is something to be had, or the history does not answer. */
  follow(): Promise<void> {
    const { journal } = this.#runtime;
    if (this.#stopListening) return this.#filling ?? Promise.resolve();
    const isNew = this.#filling === undefined || !journal.ring.covers(this.#seenSeq);
    if (isNew) this.#seenSeq = journal.headSeq;
    this.#stopListening = journal.onCommit(() => this.#take());
    this.#take();
    if (isNew) this.#filling = this.#fill(journal.headSeq + 1);
    return this.#filling ?? Promise.resolve();
  }

  /** Nobody is here who could ask. What is known stays known. */
  rest(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  /** Topics of the values that a subscription meets, as far as its owner may see them. */
  keysFor(subscription: string, sight: ViewLimit | undefined): string[] {
    const isSeen = sight ? compileFilter(sight) : () => true;
    const named = this.#values.get(subscription);
    if (named) return isSeen(named.event) ? [subscription] : [];
    const pattern = eventPattern(subscription);
    if (pattern === undefined || !/[+#]/.test(subscription)) return [];
    const matches = compileTopics([pattern]);
    return [...this.#values].flatMap(([topic, { event }]) => (matches(event) && isSeen(event) ? [topic] : []));
  }

  /** As a packet with `retain`; `prev` says nothing here and is left out. */
  packet(version: MqttVersion, topic: string): Uint8Array | undefined {
    const value = this.#values.get(topic);
    if (!value) return undefined;
    const { seq, event } = value;
    const position = formatPosition(this.#runtime.journal.epoch, seq);
    const payload = `{"position":"${position}",${event.body.slice(1)}`;
    return publish(version, topic, payload, { qos: 0, retain: true, userProperties: { position } }).bytes;
  }

  #take(): void {
    const { journal } = this.#runtime;
    const { headSeq, ring } = journal;
    for (let seq = Math.max(this.#seenSeq + 1, ring.oldestSeq ?? 0); seq <= headSeq; seq += 1) {
      const entry = ring.get(seq);
      if (entry?.kind === 'metric') this.#keep(eventTopic('metric', entry.body), { seq, event: entry });
    }
    this.#seenSeq = Math.max(this.#seenSeq, headSeq);
  }

  async #fill(before: number): Promise<void> {
    const { history, log } = this.#runtime;
    const query = { filter: { kind: 'metric' }, direction: 'backward', from: before, ...FILL } as const;
    try {
      const { rows } = await history.read(query);
      for (const { seq, body } of rows.reverse()) {
        const topic = eventTopic('metric', body);
        if ((this.#values.get(topic)?.seq ?? 0) < seq) this.#keep(topic, { seq, event: filterableOf('metric', body) });
      }
    } catch (error) {
      this.#filling = undefined;
      log.warn(
        { err: error, journal: false },
        'the last values of metrics could not be read; they come as they change',
      );
    }
  }

  #keep(topic: string, value: LastValue): void {
    this.#values.set(topic, value);
    if (this.#values.size <= this.#runtime.config.seriesMax) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      return;
    }
  }
}
