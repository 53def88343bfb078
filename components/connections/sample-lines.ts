import type { LineData, LinePoint } from '@/components/metrics/chart-data.ts';
import type { StreamSample } from '@/lib/client/state.ts';

const SECOND_MS = 1000;
/** Heartbeats come every few seconds: the seconds between two of them are no gap. */
const HEARTBEAT_GAP_MS = 60_000;

export type SampleField = 'events' | 'bytes' | 'heartbeatDelayMs';

/** One measure of the stream's seconds as a line; seconds in which it was not measured are absent. */
export function sampleLine(samples: readonly StreamSample[], field: SampleField, fromMs: number): LineData {
  const points: LinePoint[] = [];
  for (const sample of samples) {
    const value = sample[field];
    if (value !== null && sample.atMs >= fromMs) points.push({ timeMs: sample.atMs, value, min: value, max: value });
  }
  return { points, cadenceMs: field === 'heartbeatDelayMs' ? HEARTBEAT_GAP_MS : SECOND_MS };
}
