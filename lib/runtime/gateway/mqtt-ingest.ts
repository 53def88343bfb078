import type { AppendChain } from '@/lib/core/append-chain.ts';
import type { AppError } from '@/lib/core/errors.ts';
import { markOf } from '@/lib/ingest/begun-bodies.ts';
import type { EventIntake } from '@/lib/ingest/event-intake.ts';
import { isLogLine, logFromLine } from '@/lib/lines/log-from-line.ts';
import type { PublishOutcome } from '@/lib/transport/mqtt-host.ts';
import { MQTT_REASON } from '@/lib/wire/mqtt-reasons.ts';
import { ingestService } from '@/lib/wire/mqtt-topics.ts';
import type { Runtime } from '../create-runtime.ts';
import { Reception, type ReceptionContext, type SenderAsked } from '../reception.ts';
import { Turns } from '../turns.ts';

/** What is asked of the runtime here. */
export type MqttIngestContext = ReceptionContext & {
  readonly journal: Pick<Runtime['journal'], 'durableSeq' | 'onCommit'>;
};

/** Something published. */
export type MqttMessage = {
  readonly sender: SenderAsked;
  /** What comes by the same one is stored in the order in which it came. */
  readonly line: object;
  /** Of its connection: each message that is not acknowledged comes again, so nothing behind one that failed is stored. */
  readonly chain?: AppendChain | undefined;
  /** Client id, for the log. */
  readonly from: string;
  readonly topic: string;
  readonly payload: Buffer;
};

const text = new TextDecoder('utf-8', { fatal: true });

/** What clients of MQTT publish, on the way that `POST /api/events` takes: quota, validation, chunks, tally. */
export class MqttIngest {
  readonly #runtime: MqttIngestContext;
  readonly #waiting = new Set<() => void>();
  readonly #turns = new WeakMap<object, Turns>();
  #stopListening: (() => void) | undefined;

  constructor(runtime: MqttIngestContext) {
    this.#runtime = runtime;
  }

  /**
   * Resolves when all that was valid is durable, not before: an acknowledgement ends the sender's care for it. Never
   * rejects.
   */
  async publish({ sender, line, chain, from, topic, payload }: MqttMessage): Promise<PublishOutcome> {
    const service = ingestService(topic);
    const { log } = this.#runtime;
    if (service === undefined) {
      const says = 'refused a message: events are published under tailrace/ingest/<service>';
      log.warn({ from, topic: topic.slice(0, 200), journal: false }, says);
      return topic.startsWith('tailrace/ingest') ? MQTT_REASON.topicNameInvalid : MQTT_REASON.notAuthorized;
    }
    const reception = new Reception(this.#runtime, sender);
    const { tally } = reception;
    reception.onBytes(payload.length);
    try {
      const intake = reception.intake({ chain });
      intake.resume(markOf(payload, topic));
      await this.#append(reception, line, intake, readPayload(payload, service));
      if (tally.rejected > 0) {
        const { errors } = tally.answer(String);
        log.warn({ from, service, rejected: tally.rejected, errors, journal: false }, 'messages held invalid events');
      }
      return tally.accepted > 0 || tally.rejected === 0 ? MQTT_REASON.success : MQTT_REASON.payloadInvalid;
    } catch (error) {
      return outcomeOf(reception.fail(error));
    } finally {
      reception.close();
    }
  }

  async #append(
    { tally }: Reception,
    line: object,
    intake: EventIntake,
    inputs: readonly unknown[] | undefined,
  ): Promise<void> {
    const turn = this.#turnsOf(line).next();
    const feed = async (): Promise<void> => {
      await turn.comes;
      if (inputs) for (const input of inputs) await intake.take(input);
      else await intake.refuse('expected a JSON object or array, or a line of UTF-8 text');
    };
    await intake.takeAll(feed, turn.done).finally(turn.done);
    const { last } = tally.answer(String);
    // Held and shown, but a crash would take it back: the sender keeps it until it is stored.
    if (tally.isHeld && last !== null) await this.#stored(this.#runtime.journal.durableSeq, Number(last));
  }

  #turnsOf(line: object): Turns {
    const known = this.#turns.get(line);
    if (known) return known;
    const turns = new Turns();
    this.#turns.set(line, turns);
    return turns;
  }

  #stored(durableSeq: number, seq: number): Promise<void> {
    if (durableSeq >= seq) return Promise.resolve();
    const { journal } = this.#runtime;
    this.#stopListening ??= journal.onCommit(() => {
      for (const look of this.#waiting) look();
    });
    return new Promise((resolve) => {
      const look = (): void => {
        if (journal.durableSeq < seq) return;
        this.#waiting.delete(look);
        if (this.#waiting.size === 0) this.close();
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  close(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }
}

function outcomeOf({ code }: AppError): PublishOutcome {
  if (code === 'unauthorized' || code === 'forbidden') return MQTT_REASON.notAuthorized;
  return code === 'rate-limited' ? MQTT_REASON.quotaExceeded : 'away';
}

/** The events of a message; undefined when it holds none. The topic's service is that of events that name none. */
function readPayload(payload: Buffer, service: string): unknown[] | undefined {
  let read: string;
  try {
    read = text.decode(payload);
  } catch {
    return undefined;
  }
  const start = read.trimStart()[0];
  if (start === undefined) return undefined;
  if (start !== '{' && start !== '[') return [logFromLine(read, { service })];
  try {
    const parsed: unknown = JSON.parse(read);
    return (Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]).map((input) => withService(input, service));
  } catch {
    // "[2026-01-31 12:00:00] …" and "[INFO] …" begin like an array.
    return start === '[' && isLogLine(read) ? [logFromLine(read, { service })] : undefined;
  }
}

function withService(input: unknown, service: string): unknown {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject ? { service, ...input } : input;
}
