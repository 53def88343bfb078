/** From a packet's first byte to its last: who sends a byte now and then is not heard of for ever. */
const PACKET_MS_MAX = 60_000;

/** Whether a client is still there, by what comes from it. */
export class MqttHearing {
  #heardMs: number;
  /** Since when the packet under way has been. */
  #midwayMs: number | undefined;

  constructor(nowMs: number) {
    this.#heardMs = nowMs;
  }

  /** Something has come. */
  hear(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** A packet is complete. */
  complete(): void {
    this.#midwayMs = undefined;
  }

  /** All that has come was looked at. */
  rest(isMidway: boolean): void {
    this.#midwayMs = isMidway ? (this.#midwayMs ?? this.#heardMs) : undefined;
  }

  /** It is read from again: in between it could not be heard. */
  resume(nowMs: number): void {
    this.#heardMs = nowMs;
    if (this.#midwayMs !== undefined) this.#midwayMs = nowMs;
  }

  /** @param keepAliveS what it has promised, of which it may be half as much again late (MQTT 5 §3.1.2.10); 0: nothing */
  isGone(nowMs: number, keepAliveS: number): boolean {
    const isSilent = keepAliveS > 0 && nowMs - this.#heardMs > keepAliveS * 1500;
    return isSilent || (this.#midwayMs !== undefined && nowMs - this.#midwayMs > PACKET_MS_MAX);
  }
}
