import type { MqttWill } from '@/lib/transport/mqtt-connect.ts';
import type { SenderAsked } from '../reception.ts';

/** Beyond it a will is published without its delay. */
const WAITING_MAX = 1000;

/** Wills of clients that went without a word, until their delay is over or they are back (MQTT 5 §3.1.3.2.2). */
export class MqttWills {
  readonly #publish: (will: MqttWill, clientId: string, sender: SenderAsked) => void;
  readonly #waiting = new Map<string, { readonly timer: NodeJS.Timeout; publish(): void }>();

  constructor(publish: (will: MqttWill, clientId: string, sender: SenderAsked) => void) {
    this.#publish = publish;
  }

  /**
   * @param sender whose it is: if that may not send any more when its time has come, it is not published
   * @param expiryS the end of the session is the latest moment
   */
  leave(will: MqttWill, clientId: string, sender: SenderAsked, expiryS: number): void {
    const delayS = Math.min(will.delayS, expiryS);
    const publish = (): void => {
      this.#forget(clientId);
      this.#publish(will, clientId, sender);
    };
    if (delayS === 0 || this.#waiting.size >= WAITING_MAX) {
      publish();
      return;
    }
    // The longest that a timer can be set for.
    const timer = setTimeout(publish, Math.min(delayS * 1000, 2 ** 31 - 1));
    timer.unref();
    this.#waiting.set(clientId, { timer, publish });
  }

  /** @param isResumed false: its session has ended, and with it the delay */
  comeBack(clientId: string, isResumed: boolean): void {
    const waiting = this.#waiting.get(clientId);
    if (!waiting) return;
    if (isResumed) this.#forget(clientId);
    else waiting.publish();
  }

  close(): void {
    for (const clientId of [...this.#waiting.keys()]) this.#forget(clientId);
  }

  #forget(clientId: string): void {
    clearTimeout(this.#waiting.get(clientId)?.timer);
    this.#waiting.delete(clientId);
  }
}
