import { AppError } from '@/lib/core/errors.ts';
import { parseAgeMs, parseTimeMs } from '@/lib/core/event-time.ts';
import { FILTER_SERVICES_MAX } from '@/lib/core/filter.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { parseFilter } from '@/lib/stream/stream-request.ts';
import { readsOf } from '../access/limited-reads.ts';
import type { Runtime } from '../create-runtime.ts';
import { PAGE_EVENTS_MAX } from '../read-events.ts';

const LIMIT_DEFAULT = 500;
const WIDTH_DEFAULT = 300;
const SPAN_DEFAULT_MS = 15 * 60_000;

/** `GET /api/events`. */
export async function getEvents(runtime: Runtime, request: Request, principal: Principal): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const asked = {
    filter: parseFilter(query),
    limit: integer(query, 'limit', LIMIT_DEFAULT, PAGE_EVENTS_MAX),
    before: query.get('before') ?? undefined,
    after: query.get('after') ?? undefined,
  };
  const page = await readsOf(runtime, principal).readEvents(asked, request.signal);
  return Response.json(page, { headers: { 'Cache-Control': 'no-store' } });
}

/** `GET /api/metrics/query`. */
export async function getMetricSeries(runtime: Runtime, request: Request, principal: Principal): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const nowMs = Date.now();
  const toMs = timeParameter(query, 'to', nowMs) ?? nowMs;
  const fromMs = timeParameter(query, 'from', nowMs) ?? toMs - SPAN_DEFAULT_MS;
  if (fromMs >= toMs) throw new AppError('bad-request', 'from: expected a time before "to"');
  const services = query.getAll('service').filter((service) => service !== '');
  if (services.length > FILTER_SERVICES_MAX) {
    throw new AppError('bad-request', `service: expected at most ${FILTER_SERVICES_MAX}, got ${services.length}`);
  }
  const name = query.get('name');
  const width = integer(query, 'width', WIDTH_DEFAULT, 2000);
  const asked = { fromMs, toMs, width, services, ...(name && { name }) };
  const page = await readsOf(runtime, principal).queryMetrics(asked, request.signal);
  return Response.json(page, { headers: { 'Cache-Control': 'no-store' } });
}

/** `GET /api/services`. */
export function getServices(runtime: Runtime, _request: Request, principal: Principal): Response {
  const services = readsOf(runtime, principal).services();
  return Response.json({ services }, { headers: { 'Cache-Control': 'no-store' } });
}

function timeParameter(query: URLSearchParams, name: string, nowMs: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (text === 'now') return nowMs;
  const ageMs = parseAgeMs(text);
  const timeMs = ageMs === undefined ? parseTimeMs(text) : nowMs - ageMs;
  if (timeMs !== undefined) return timeMs;
  throw new AppError(
    'bad-request',
    `${name}: expected an ISO time or an age such as "-15m", got ${JSON.stringify(text.slice(0, 60))}`,
  );
}

function integer(query: URLSearchParams, name: string, fallback: number, max: number): number {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new AppError(
    'bad-request',
    `${name}: expected a whole number from 1 to ${max}, got ${JSON.stringify(text.slice(0, 20))}`,
  );
}
