import { MQTT_REASON, type MqttReason } from '@/lib/wire/mqtt-reasons.ts';
import type { PublishOutcome } from './mqtt-host.ts';

export type PublishesOptions = {
  acknowledge(messageId: number, reason: MqttReason): void;
  /** Ends the connection: what is not acknowledged will be sent again. */
  giveUp(reason: MqttReason): void;
  /** One is done. */
  onRoom(): void;
  /** The client's version can be told that a message was refused. */
  isTold(): boolean;
};

/** Being stored at once; the last one may be as large as a packet. */
const BYTES_MAX = 4 * 1024 * 1024;

type Pending = { readonly messageId: number | undefined; readonly bytes: number; outcome?: PublishOutcome };

/** Refusals that a client of 3.1.1 is spared: the same message would be refused for ever (§3.4 has no reason codes). */
const FINAL: ReadonlySet<PublishOutcome> = new Set([MQTT_REASON.success, MQTT_REASON.payloadInvalid]);

/** What one client has published and is being stored; acknowledged in the order in which it came (MQTT 5 §4.6). */
export class MqttPublishes {
  readonly #options: PublishesOptions;
  readonly #pending: Pending[] = [];
  #bytes = 0;

  constructor(options: PublishesOptions) {
    this.#options = options;
  }

  /** The next one has to wait. */
  isFull(countMax: number): boolean {
    return this.#pending.length >= countMax || this.#bytes >= BYTES_MAX;
  }

  /** @param messageId undefined: nobody waits to hear of it */
  add(outcome: Promise<PublishOutcome>, bytes: number, messageId: number | undefined): void {
    const pending: Pending = { messageId, bytes };
    this.#bytes += bytes;
    this.#pending.push(pending);
    void outcome.then((came) => {
      pending.outcome = came;
      this.#settle();
    });
  }

  #settle(): void {
    for (let [first] = this.#pending; first?.outcome !== undefined; [first] = this.#pending) {
      this.#pending.shift();
      this.#bytes -= first.bytes;
      this.#answer(first.messageId, first.outcome);
    }
    this.#options.onRoom();
  }

  #answer(messageId: number | undefined, outcome: PublishOutcome): void {
    const { acknowledge, giveUp, isTold } = this.#options;
    const isTellable = isTold() || FINAL.has(outcome);
    if (outcome === 'away') giveUp(MQTT_REASON.serverBusy);
    else if (messageId !== undefined && isTellable) acknowledge(messageId, isTold() ? outcome : MQTT_REASON.success);
    // Nobody can be told in another way, and a publisher must not believe that its messages arrive.
    else if (!FINAL.has(outcome)) giveUp(outcome);
  }
}
