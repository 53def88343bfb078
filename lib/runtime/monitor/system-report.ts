import { availableParallelism } from 'node:os';
import { getHeapSpaceStatistics } from 'node:v8';
import { RESOURCE_KINDS, type ResourceLedger } from '@/lib/core/ledger.ts';
import type { BreakerReport, SlowCall, SystemReport } from '@/lib/wire/system-pages.ts';
import type { GcHistogram } from './gc-observer.ts';
import type { MemoryGuard } from './memory-guard.ts';

export type ReportContext = {
  readonly startedMs: number;
  readonly version: string;
  readonly descriptorsMax: number | undefined;
  readonly enabled: SystemReport['enabled'];
  readonly ledger: ResourceLedger;
  slowCalls(): readonly SlowCall[];
  breakers(): BreakerReport[];
  held(): { readonly events: number; readonly eventsMax: number };
};

/** Everything about this process that is not a curve. */
export function systemReport(
  context: ReportContext,
  memory: Pick<MemoryGuard, 'limits' | 'step' | 'sheds'>,
  gc: GcHistogram,
  nowMs: number,
): SystemReport {
  const { ledger, descriptorsMax } = context;
  return {
    nowMs,
    startedMs: context.startedMs,
    version: context.version,
    nodeVersion: process.version,
    pid: process.pid,
    cores: availableParallelism(),
    memory: { softMaxBytes: memory.limits.rssBytes, shed: memory.step, sheds: memory.sheds },
    ...(descriptorsMax !== undefined && { descriptorsMax }),
    heapSpaces: getHeapSpaceStatistics().map((space) => ({
      name: space.space_name,
      usedBytes: space.space_used_size,
      sizeBytes: space.space_size,
    })),
    gc: [...gc.kinds],
    slowCalls: [...context.slowCalls()],
    breakers: context.breakers(),
    held: context.held(),
    ledger: {
      held: Object.fromEntries(RESOURCE_KINDS.map((kind) => [kind, ledger.held(kind)])),
      leaked: ledger.leaked,
      leaks: [...ledger.leaks],
    },
    enabled: context.enabled,
  };
}
