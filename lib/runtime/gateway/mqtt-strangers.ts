import type { Logger } from '../logger.ts';

/** Connections that have not said who they are yet, beside those that have. */
const ALL_MAX = 1000;
/** A proxy has one address for all that it brings; but nobody alone may keep everybody else out. */
const OF_ADDRESS_MAX = 500;
/** The log is told of those that were refused at most so often. */
const TELL_MS = 5000;

/** Who has connected and is not let in yet: how many that may be, of all and of one address. */
export class MqttStrangers {
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #ofAddress = new Map<string, number>();
  #count = 0;
  #refused = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(log: Logger, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** Takes a place, which the returned call gives back, once however often it is called; undefined when there is none. */
  enter(address = 'unknown'): (() => void) | undefined {
    const held = this.#ofAddress.get(address) ?? 0;
    if (this.#count >= ALL_MAX || held >= OF_ADDRESS_MAX) {
      this.#refuse(address);
      return undefined;
    }
    this.#count += 1;
    this.#ofAddress.set(address, held + 1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#count -= 1;
      const left = (this.#ofAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#ofAddress.delete(address);
      else this.#ofAddress.set(address, left);
    };
  }

  #refuse(address: string): void {
    this.#refused += 1;
    const nowMs = this.#now();
    if (nowMs - this.#toldMs < TELL_MS) return;
    this.#toldMs = nowMs;
    const says = 'connections of MQTT were refused: too many others have not said who they are';
    this.#log.warn({ count: this.#refused, address, journal: false }, says);
    this.#refused = 0;
  }
}
