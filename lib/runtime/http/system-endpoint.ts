import type { Principal } from '@/lib/core/principal.ts';
import type { SystemFrame } from '@/lib/wire/system-pages.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { watchResponse } from './watch-endpoint.ts';

type Monitored = { readonly monitor: Monitor };

/** `GET /api/system`. */
export function getSystem({ monitor }: Monitored): Response {
  return Response.json(monitor.report(), { headers: { 'Cache-Control': 'no-store' } });
}

/** `GET /api/system/stream`: a quarter of an hour of samples with the first frame, then those since the frame before. */
export function getSystemStream({ monitor }: Monitored, request: Request, principal?: Principal): Response {
  let seen = 0;
  const frame = (): SystemFrame => {
    const samples = monitor.samplesSince(seen);
    seen = monitor.sampleCount;
    return { report: monitor.report(), samples };
  };
  return watchResponse({ request, principal, event: 'system', frame, watchers: monitor.watchers });
}

/** `GET /metrics`, for Prometheus. */
export async function getMetrics({ metrics }: { metrics(): Promise<string> }): Promise<Response> {
  return new Response(await metrics(), { headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' } });
}
