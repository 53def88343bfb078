import type { Filter } from '@/lib/core/filter.ts';
import type { ConnectionInput, MachineState } from './connection-machine.ts';
import type { Scheduler } from './scheduler.ts';
import type { StreamBatch, StreamReport } from './stream-batch.ts';

export type StreamTarget = {
  readonly filter: Filter;
  /** The position after which to go on; undefined starts at the journal's head. */
  readonly cursor: string | undefined;
};

export type StreamClientOptions = {
  readonly fetch: typeof fetch;
  readonly scheduler: Scheduler;
  readonly isOnline: () => boolean;
  readonly onBatch: (batch: StreamBatch) => void;
  /** At once when the phase changes, else with every flush and heartbeat. */
  readonly onReport: (report: StreamReport) => void;
  /** Counters to go on from, when another tab held the stream before. */
  readonly seed?: StreamReport | undefined;
  /** A move that the table does not know: a programmer's error, thrown in tests. */
  readonly onIllegal?: (state: MachineState, input: ConnectionInput) => void;
};
