import type { StoragePort } from './connection-history.ts';
import type { Scheduler } from './scheduler.ts';
import type { TabRole } from './state.ts';
import type { StreamBatch, StreamReport } from './stream-batch.ts';
import type { StreamClientOptions } from './stream-options.ts';
import type { TabPorts } from './tab-ports.ts';
import type { WishAsked } from './transport-try.ts';

/** The longest that a new leader waits for the needs of the tabs that it knows of. */
export const CENSUS_MS = 250;
export const ROUND_MS = 5_000;
/** A hole is asked for once, though many batches show it. */
export const HOLE_MS = 50;

type StreamPart = 'fetch' | 'openWebSocket' | 'isOnline' | 'onIllegal' | 'transports';

export type TabHubOptions = Pick<StreamClientOptions, StreamPart> & {
  /** Called at every start: a tab that comes back is a new one. */
  readonly tabId: () => string;
  readonly scheduler: Scheduler;
  /** Called at every start; undefined makes this tab hold a stream of its own. */
  readonly ports: () => TabPorts | undefined;
  /** What the address of the page says; called at every start, and told to the tab that leads. */
  readonly wish?: (() => WishAsked | undefined) | undefined;
  readonly memory?: (() => StoragePort | undefined) | undefined;
  readonly onReport: (report: StreamReport, role: TabRole, tabs: number) => void;
  readonly onBatch: (batch: StreamBatch) => void;
};
