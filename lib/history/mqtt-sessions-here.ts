import type { MqttSessionChanges, MqttSessionRow } from './history-port.ts';

/**
 * Sessions of MQTT clients in a process that may not write: they begin with what the owner of the database has stored,
 * and end with the process. A client that then goes on from the owner's older word gets events again, and loses none.
 */
export class MqttSessionsHere {
  /** In the order in which they were saved; undefined: forgotten here, whatever is stored. */
  readonly #rows = new Map<string, MqttSessionRow | undefined>();

  has(key: string): boolean {
    return this.#rows.has(key);
  }
  get(key: string): MqttSessionRow | undefined {
    return this.#rows.get(key);
  }

  save({ saved, removed, nowMs, keptMax }: MqttSessionChanges): void {
    for (const key of removed) this.#set(key, undefined);
    for (const row of saved) this.#set(row.key, row);
    for (const [key, row] of this.#rows) {
      if (row && row.expiresMs <= nowMs) this.#rows.set(key, undefined);
    }
    for (const key of this.#rows.keys()) {
      if (this.#rows.size <= keptMax) return;
      this.#rows.delete(key);
    }
  }

  #set(key: string, row: MqttSessionRow | undefined): void {
    this.#rows.delete(key);
    this.#rows.set(key, row);
  }
}
