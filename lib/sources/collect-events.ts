import type { MetricInput } from '@/lib/core/event.ts';
import { type PreparedEvent, prepareEvent } from '@/lib/core/prepared-event.ts';
import type { Source, SourceEvent, StopSource } from '@/lib/core/source.ts';

/** For tests: a running source and all that it has emitted so far. */
export type Collected = { readonly events: SourceEvent[]; readonly stop: StopSource };

export async function collect(source: Source): Promise<Collected> {
  const events: SourceEvent[] = [];
  const stop = await source.start((batch) => void events.push(...batch));
  return { events, stop };
}

export function metricsNamed(events: readonly SourceEvent[], name: string): MetricInput[] {
  return events.filter((event): event is MetricInput => event.kind === 'metric' && event.name === name);
}

/** Passes events through the edge as the sink does; throws on the first that it would refuse. */
export function prepareAll(events: readonly SourceEvent[], nowMs: number): PreparedEvent[] {
  return events.map((event) => {
    const prepared = prepareEvent(event, nowMs);
    if (!prepared.ok) throw new Error(`${prepared.error}: ${JSON.stringify(event).slice(0, 200)}`);
    return prepared.event;
  });
}

export function timersActive(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
