import type { Metadata } from 'next';
import { toQuery } from '@/components/logs/log-url.ts';
import { MetricScreen } from '@/components/metrics/metric-screen.tsx';
import { metricAddress } from '@/components/metrics/metric-url.ts';
import { RANGES } from '@/lib/client/state.ts';
import { isAppError } from '@/lib/core/errors.ts';
import { readsOf } from '@/lib/runtime/access/limited-reads.ts';
import { guardedPage } from '../guarded-page.tsx';
import { senderPlaceOf } from '../sender-place.ts';

export const metadata: Metadata = { title: 'Metrics' };

/** Points for each series: the same as the browser asks for when the range changes. */
const WIDTH_POINTS = 300;

export default guardedPage('view', async ({ app, principal, searchParams }) => {
  const { range, services } = metricAddress(toQuery(await searchParams));
  const reads = readsOf(app, principal);
  const toMs = Date.now();
  const query = { fromMs: toMs - RANGES[range], toMs, width: WIDTH_POINTS };
  const page = await reads.queryMetrics({ ...query, ...(services.length > 0 && { services }) }).catch((error) => {
    if (!isAppError(error) || error.code !== 'storage-unavailable') throw error;
    // While the history is away the charts begin empty, and live samples fill them.
    return { ...query, stepMs: RANGES[range] / WIDTH_POINTS, position: reads.head(), series: [], omitted: 0 };
  });
  const place = await senderPlaceOf(app);
  return <MetricScreen {...{ page, range, services, place }} allServices={reads.services()} />;
});
