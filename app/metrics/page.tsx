import type { Metadata } from 'next';
import { connection } from 'next/server';
import { toQuery } from '@/components/logs/log-url.ts';
import { MetricScreen } from '@/components/metrics/metric-screen.tsx';
import { metricAddress } from '@/components/metrics/metric-url.ts';
import { RANGES } from '@/lib/client/state.ts';
import { isAppError } from '@/lib/core/errors.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const metadata: Metadata = { title: 'Metrics' };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Points for each series: the same as the browser asks for when the range changes. */
const WIDTH_POINTS = 300;

export default async function MetricsPage({ searchParams }: Props) {
  await connection();
  const { range, services } = metricAddress(toQuery(await searchParams));
  const runtime = await getRuntime();
  const toMs = Date.now();
  const query = { fromMs: toMs - RANGES[range], toMs, width: WIDTH_POINTS };
  const page = await runtime.queryMetrics({ ...query, ...(services.length > 0 && { services }) }).catch((error) => {
    if (!isAppError(error) || error.code !== 'storage-unavailable') throw error;
    // While the history is away the charts begin empty, and live samples fill them.
    return { ...query, stepMs: RANGES[range] / WIDTH_POINTS, position: runtime.head(), series: [], omitted: 0 };
  });
  return <MetricScreen page={page} range={range} services={services} allServices={runtime.services()} />;
}
