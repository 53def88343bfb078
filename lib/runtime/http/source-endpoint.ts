import { AppError } from '@/lib/core/errors.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { Principal } from '@/lib/core/principal.ts';
import type { SourcesPage, TestLine } from '@/lib/wire/source-pages.ts';
import { type SourceQuery, sourceQuerySchema, testQuerySchema } from '@/lib/wire/source-query.ts';
import type { Runtime } from '../create-runtime.ts';
import { Reception } from '../reception.ts';
import { sourceReport } from '../source-report.ts';
import { peerOf } from './client-address.ts';
import { parseWith } from './parse-with.ts';
import { watchResponse } from './watch-endpoint.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };

/** `GET /api/sources`. */
export function getSources(runtime: Runtime, request: Request): Response {
  return Response.json(sourceReport(runtime, parseQuery(request), Date.now()), { headers: NO_STORE });
}

/** `GET /api/sources/stream`: the same once a second. */
export function watchSources(runtime: Runtime, request: Request, principal: Principal): Response {
  const query = parseQuery(request);
  const frame = (): SourcesPage => sourceReport(runtime, query, Date.now());
  return watchResponse({ watchers: runtime.watchers, request, principal, event: 'sources', frame });
}

/** `POST /api/sources/test`: one line on the way that every line takes; answers when it is durable, or held. */
export async function postTestLine(runtime: Runtime, request: Request, who: Principal): Promise<Response> {
  const { id } = parseWith(testQuerySchema, queryOf(request));
  const header = (name: string): string | null => request.headers.get(name);
  const reception = new Reception(runtime, { protocol: 'test', peerAddress: peerOf(request), header, who });
  try {
    const intake = reception.intake();
    await intake.take({
      service: 'tailrace',
      message: 'A test line from the Sources page: what you send takes the same way.',
      attributes: { testId: id },
    });
    const startedMs = performance.now();
    await intake.flush();
    await intake.finish();
    const storedInMs = performance.now() - startedMs;
    const { first, durable = true } = reception.tally.answer((seq) => formatPosition(runtime.journal.epoch, seq));
    if (first === null) throw new AppError('internal', 'the test line was not taken; see the log of the server');
    const line: TestLine = { id, position: first, durable, storedInMs };
    return Response.json(line, { status: durable ? 200 : 202, headers: NO_STORE });
  } catch (error) {
    throw reception.fail(error);
  } finally {
    reception.close();
  }
}

function parseQuery(request: Request): SourceQuery {
  return parseWith(sourceQuerySchema, queryOf(request));
}

function queryOf(request: Request): Record<string, string> {
  return Object.fromEntries(new URL(request.url).searchParams);
}
