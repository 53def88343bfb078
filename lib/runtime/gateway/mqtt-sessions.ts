import { isAppError } from '@/lib/core/errors.ts';
import type { MqttSessionRow } from '@/lib/history/history-port.ts';
import { EXPIRY_NEVER_S } from '@/lib/transport/mqtt-connect.ts';
import type { MqttClient } from '@/lib/transport/mqtt-host.ts';
import type { MqttPlace, MqttSubscriptions } from '@/lib/transport/mqtt-stream.ts';
import type { Runtime } from '../create-runtime.ts';

/** Sessions kept in all; who has not been here for the longest is forgotten first. */
const SESSIONS_MAX = 10_000;

export type StoredSession = { readonly subscriptions: MqttSubscriptions; readonly place: MqttPlace };

/** The sessions of clients that will come back, by `sessionKey`: read from the store when they do, written behind at most once a second. */
export class MqttSessions {
  readonly #runtime: Runtime;
  /** undefined: to be forgotten. */
  readonly #unsaved = new Map<string, MqttSessionRow | undefined>();
  readonly #savedAs = new Map<string, MqttSessionRow>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get unsaved(): number {
    return this.#unsaved.size;
  }

  /** Rejects as the history does. */
  async load(key: string, nowMs: number): Promise<StoredSession | undefined> {
    const row = this.#unsaved.has(key) ? this.#unsaved.get(key) : await this.#runtime.history.mqttSession(key);
    if (!row || row.expiresMs <= nowMs) return undefined;
    const { epoch, seq, sentSeq, packetId } = row;
    const subscriptions = new Map(JSON.parse(row.subscriptions) as [string, 0 | 1][]);
    return { subscriptions, place: { epoch, seq, sentSeq, packetId } };
  }

  /** What a connected client would go on from, if it has moved since it was saved. */
  note(key: string, { stream, expiryS }: MqttClient, nowMs: number): void {
    if (!stream || expiryS === 0) return;
    const expiresMs = expiryS === EXPIRY_NEVER_S ? Number.MAX_SAFE_INTEGER : nowMs + expiryS * 1000;
    const subscriptions = JSON.stringify([...stream.subscriptions]);
    const row = { key, subscriptions, ...stream.place, seenMs: nowMs, expiresMs };
    const saved = this.#savedAs.get(key);
    if (saved && isSamePlace(saved, row) && (saved.expiresMs - nowMs) * 2 > expiryS * 1000) return;
    this.#savedAs.set(key, row);
    this.#set(key, row);
  }

  forget(key: string): void {
    this.#savedAs.delete(key);
    this.#set(key, undefined);
  }

  /** The client is not connected any more: what is known of it is in the store. */
  release(key: string): void {
    this.#savedAs.delete(key);
  }

  /** What cannot be saved now is tried again with the next; a newer state wins. */
  async flush(nowMs: number): Promise<void> {
    if (this.#unsaved.size === 0) return;
    const batch = [...this.#unsaved];
    this.#unsaved.clear();
    const saved = batch.flatMap(([, row]) => row ?? []);
    const removed = batch.flatMap(([key, row]) => (row ? [] : [key]));
    const { history, hub, log } = this.#runtime;
    try {
      await history.saveMqttSessions({ saved, removed, nowMs, keptMax: SESSIONS_MAX });
    } catch (error) {
      if (!isAppError(error) || hub.isDraining) {
        log.error({ err: error, clients: batch.length, journal: false }, 'sessions of MQTT clients were not saved');
        return;
      }
      for (const [key, row] of batch) if (!this.#unsaved.has(key)) this.#set(key, row);
    }
  }

  #set(key: string, row: MqttSessionRow | undefined): void {
    this.#unsaved.delete(key);
    this.#unsaved.set(key, row);
    if (this.#unsaved.size <= SESSIONS_MAX) return;
    for (const oldest of this.#unsaved.keys()) {
      this.#unsaved.delete(oldest);
      this.#runtime.log.error(
        { journal: false },
        'the session of an MQTT client was given up: too many wait to be saved',
      );
      return;
    }
  }
}

function isSamePlace(a: MqttSessionRow, b: MqttSessionRow): boolean {
  const isSame = a.epoch === b.epoch && a.seq === b.seq && a.sentSeq === b.sentSeq && a.packetId === b.packetId;
  return isSame && a.subscriptions === b.subscriptions;
}
