import type { MqttWill } from '@/lib/transport/mqtt-connect.ts';
import type { SenderAsked } from '../reception.ts';

/** Beyond it a will is published without its delay. */
const WAITING_MAX = 1000;

/** A client that went without a word. */
export type MqttLeft = {
  /** Of its session. */
  readonly key: string;
  readonly clientId: string;
  readonly will: MqttWill;
  /** The end of the session is the latest moment. */
  readonly expiryS: number;
  /** Whose it is: if that may not send any more when its time has come, it is not published. */
  readonly sender: SenderAsked;
};

/** Wills of clients that went without a word, until their delay is over or they are back (MQTT 5 §3.1.3.2.2). */
export class MqttWills {
  readonly #publish: (left: MqttLeft) => void;
  readonly #waiting = new Map<string, { readonly timer: NodeJS.Timeout; publish(): void }>();

  constructor(publish: (left: MqttLeft) => void) {
    this.#publish = publish;
  }

  leave(left: MqttLeft): void {
    const { key, will, expiryS } = left;
    const delayS = Math.min(will.delayS, expiryS);
    const publish = (): void => {
      this.#forget(key);
      this.#publish(left);
    };
    if (delayS === 0 || this.#waiting.size >= WAITING_MAX) {
      publish();
      return;
    }
    // The longest that a timer can be set for.
    const timer = setTimeout(publish, Math.min(delayS * 1000, 2 ** 31 - 1));
    timer.unref();
    this.#waiting.set(key, { timer, publish });
  }

  /** @param isResumed false: its session has ended, and with it the delay */
  comeBack(key: string, isResumed: boolean): void {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    if (isResumed) this.#forget(key);
    else waiting.publish();
  }

  close(): void {
    for (const key of [...this.#waiting.keys()]) this.#forget(key);
  }

  #forget(key: string): void {
    clearTimeout(this.#waiting.get(key)?.timer);
    this.#waiting.delete(key);
  }
}
