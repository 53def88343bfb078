import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { Filter } from '@/lib/core/filter.ts';
import type { StoragePort } from './connection-history.ts';
import type { ConnectionInput, MachineState } from './connection-machine.ts';
import type { Scheduler } from './scheduler.ts';
import type { StreamBatch, StreamReport } from './stream-batch.ts';
import type { OpenWebSocket } from './stream-reader.ts';
import type { WishAsked } from './transport-try.ts';

export type StreamTarget = {
  readonly filter: Filter;
  /** The position after which to go on; undefined starts at the journal's head. */
  readonly cursor: string | undefined;
};

export type StreamClientOptions = {
  readonly fetch: typeof fetch;
  readonly openWebSocket?: OpenWebSocket | undefined;
  readonly scheduler: Scheduler;
  /** The order in which transports are tried; all, when it is not given. */
  readonly transports?: readonly ClientTransport[] | undefined;
  /** What the address of the page says, or what the tab that held the stream before was told. */
  readonly wish?: Pick<WishAsked, 'wish' | 'why'> | undefined;
  /** Keeps what was found out about transports for the next page. */
  readonly memory?: StoragePort | undefined;
  readonly isOnline: () => boolean;
  readonly onBatch: (batch: StreamBatch) => void;
  /** At once when the phase changes, else with every flush and heartbeat. */
  readonly onReport: (report: StreamReport) => void;
  /** Counters to go on from, when another tab held the stream before. */
  readonly seed?: StreamReport | undefined;
  /** A move that the table does not know: a programmer's error, thrown in tests. */
  readonly onIllegal?: (state: MachineState, input: ConnectionInput) => void;
};
