import type { MqttSessionChanges, MqttSessionRow } from './history-port.ts';

/**
 * Sessions of MQTT clients in a process that may not write: they begin with what the owner of the database has stored,
 * and end with the process. A client that then goes on from the owner's older word gets events again, and loses none.
 */
export class MqttSessionsHere {
  /** In the order in which they were saved; undefined: forgotten here, whatever is stored. */
  readonly #rows = new Map<string, MqttSessionRow | undefined>();

  has(clientId: string): boolean {
    return this.#rows.has(clientId);
  }
  get(clientId: string): MqttSessionRow | undefined {
    return this.#rows.get(clientId);
  }

  save({ saved, removed, nowMs, keptMax }: MqttSessionChanges): void {
    for (const clientId of removed) this.#set(clientId, undefined);
    for (const row of saved) this.#set(row.clientId, row);
    for (const [clientId, row] of this.#rows) {
      if (row && row.expiresMs <= nowMs) this.#rows.set(clientId, undefined);
    }
    for (const clientId of this.#rows.keys()) {
      if (this.#rows.size <= keptMax) return;
      this.#rows.delete(clientId);
    }
  }

  #set(clientId: string, row: MqttSessionRow | undefined): void {
    this.#rows.delete(clientId);
    this.#rows.set(clientId, row);
  }
}
