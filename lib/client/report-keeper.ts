import type { HeartbeatFrame, StreamFrame } from '@/lib/wire/frames.ts';
import type { MachineState } from './connection-machine.ts';
import type { Continuity } from './continuity.ts';
import { emptyReport, type StreamReport } from './stream-batch.ts';
import type { TransportReport } from './transport-try.ts';

/** Counts what a stream does, and tells of it. */
export class ReportKeeper {
  readonly #onReport: (report: StreamReport) => void;
  #quickestMs: number | undefined;
  report: StreamReport;

  /** @param seed counters to go on from */
  constructor(machine: MachineState, seed: StreamReport | undefined, onReport: (report: StreamReport) => void) {
    this.#onReport = onReport;
    const { phase, sinceMs, cause, attempt } = machine;
    this.report = { ...(seed ?? emptyReport(sinceMs)), phase, sinceMs, cause, attempt, retryAtMs: undefined };
  }

  bytes(bytes: number): void {
    this.report = { ...this.report, bytes: this.report.bytes + bytes };
  }

  events(received: number, replaying: boolean): void {
    if (received === 0) return;
    const replayed = this.report.replayed + (replaying ? received : 0);
    this.report = { ...this.report, received: this.report.received + received, replayed };
  }

  /** @param back the stream had been lost */
  opened({ connectionId, epoch, head, heartbeatMs }: StreamFrame, back: boolean): void {
    const reconnects = this.report.reconnects + (back ? 1 : 0);
    this.report = { ...this.report, connectionId, epoch, head, heartbeatMs, reconnects };
  }

  head(head: string): void {
    this.report = { ...this.report, head };
  }

  heartbeat({ time, head }: HeartbeatFrame, atMs: number): void {
    const ageMs = atMs - Date.parse(time);
    this.#quickestMs = Math.min(this.#quickestMs ?? ageMs, ageMs);
    const heartbeatDelayMs = Number.isNaN(ageMs) ? null : ageMs - this.#quickestMs;
    this.report = { ...this.report, head, heartbeats: this.report.heartbeats + 1, heartbeatDelayMs };
  }

  /** The stream goes on as another connection of the server. */
  renewed({ connectionId, epoch, head }: StreamFrame): void {
    this.report = { ...this.report, connectionId, epoch, head };
  }

  publish(machine: MachineState, { cursor, lost, repeated }: Continuity, transport: TransportReport): void {
    const { phase, sinceMs, cause, attempt } = machine;
    const retryAtMs = 'retryAtMs' in machine ? machine.retryAtMs : undefined;
    const moved = { phase, sinceMs, cause, attempt, retryAtMs, cursor, lost, repeated };
    this.report = { ...this.report, ...moved, ...transport };
    this.#onReport(this.report);
  }
}
