/** Processor time since boot, in any unit, as long as both are in the same. */
export type CpuTimes = { readonly busy: number; readonly total: number };

export type MemoryReading = { readonly totalBytes: number; readonly availableBytes: number };
export type SwapReading = { readonly totalBytes: number; readonly usedBytes: number };
export type TrafficReading = { readonly receivedBytes: number; readonly sentBytes: number };
export type DiskTrafficReading = { readonly readBytes: number; readonly writtenBytes: number };
export type MountReading = {
  readonly mount: string;
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** What an unprivileged user may still write: less than total − used where blocks are reserved for root. */
  readonly availableBytes: number;
};

/** What one look at the machine found. A part that could not be read is absent. */
export type HostReading = {
  /** A monotonic clock: a step of the wall clock must not bend a rate. */
  readonly atMs: number;
  readonly cpu?: CpuTimes;
  readonly cores?: ReadonlyMap<number, CpuTimes>;
  /** Over 1, 5 and 15 minutes. */
  readonly load?: readonly number[];
  readonly memory?: MemoryReading;
  readonly swap?: SwapReading;
  readonly network?: ReadonlyMap<string, TrafficReading>;
  readonly diskTraffic?: DiskTrafficReading;
  readonly mounts?: readonly MountReading[];
  readonly processesTotal?: number;
  readonly processesRunning?: number;
  readonly uptimeS?: number;
};

export type HostReader = {
  /** Cheap enough for every second. */
  quick(): HostReading;
  /** What changes slowly or is dear; asked every `slowEveryMs`, never twice at a time. */
  slow(): Promise<HostReading>;
  readonly slowEveryMs: number;
};
