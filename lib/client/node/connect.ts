import { z } from 'zod';
import { CLIENT_TRANSPORTS, type ClientTransport } from '@/lib/core/client-transport.ts';
import type { Kind } from '@/lib/core/event.ts';
import { type Filter, filterSchema } from '@/lib/core/filter.ts';
import type { Level } from '@/lib/core/level.ts';
import { makeReaders } from '../stream-readers.ts';
import { Connection } from './connection.ts';
import type { ConnectionReport } from './items.ts';
import { nodeEnvironment } from './node-environment.ts';
import { nodeScheduler } from './node-scheduler.ts';
import { isPlace, PLACE_EXPECTED } from './place.ts';
import { serverUrl } from './server-url.ts';
import { StreamLoop } from './stream-loop.ts';

export type { ClientTransport } from '@/lib/core/client-transport.ts';
export type {
  Attributes,
  JsonValue,
  Kind,
  LogEvent,
  MetricEvent,
  MetricType,
  StreamedEvent,
  TailraceEvent,
} from '@/lib/core/event.ts';
export type { Level } from '@/lib/core/level.ts';
export { Connection } from './connection.ts';
export {
  type ConnectionItem,
  type ConnectionPhase,
  type ConnectionReport,
  type Gap,
  StreamEndedError,
  StreamGapError,
} from './items.ts';

/** What to read, from where, and how. All of it may be left out: everything, from now on. */
export type ConnectOptions = {
  readonly kind?: Kind;
  /** One name or up to 32. */
  readonly service?: string | readonly string[];
  /** A minimum; lets only logs through. */
  readonly level?: Level;
  /** Text in a log's message, a metric's name or a value among the attributes; case does not matter. */
  readonly q?: string;
  /** "now" (the default), a position (`Connection.cursor` of another day), an ISO time, or an age such as "-15m". */
  readonly from?: string;
  /** "auto" (the default) tries `sse`, `ws`, `http`, `poll`; or the one to use, or several in the order to be tried. */
  readonly transport?: 'auto' | ClientTransport | readonly ClientTransport[];
  /** Closes the connection when aborted. */
  readonly signal?: AbortSignal;
  /** Sent as `Authorization: Bearer <token>`. */
  readonly token?: string;
  /** Called at each change of state. */
  readonly onState?: (report: ConnectionReport) => void;
};

const transportName = z.enum(CLIENT_TRANSPORTS);
const optionsSchema = z.object({
  from: z.string().refine(isPlace, PLACE_EXPECTED).default('now'),
  transport: z.union([z.literal('auto'), transportName, z.array(transportName).min(1)]).default('auto'),
  // What a header can carry: fetch would refuse anything else, and that would look like a server that is away.
  token: z
    .string()
    .regex(/^[!-~]+$/, 'expected visible ASCII characters without spaces')
    .optional(),
});

/**
 * Reads the events of a running server, at once and for as long as it takes: a lost connection is tried again and goes on
 * where it was. Nothing is dropped for a slow reader; the server waits instead, and memory stays bounded.
 *
 * ```ts
 * import { connect } from 'tailrace/client';
 *
 * for await (const event of connect('http://127.0.0.1:3000', { level: 'warn', from: '-15m' }).events()) {
 *   console.log(event.time, event.service, event.kind === 'log' ? event.message : event.value);
 * }
 * ```
 *
 * @param url of the server, such as `http://127.0.0.1:3000`; a path in front of `/api` is kept
 * @throws TypeError when the url or an option is not understood
 */
export function connect(url: string, options: ConnectOptions = {}): Connection {
  const base = serverUrl(url);
  if (base === undefined) {
    throw new TypeError(`url: expected an address such as "http://127.0.0.1:3000", got ${JSON.stringify(url)}`);
  }
  const { kind, service, level, q, signal, onState } = options;
  const services = service === undefined || typeof service === 'string' ? service && [service] : service;
  const filter = understand(filterSchema, { kind, services: services || undefined, level, q });
  const { from, transport, token } = understand(optionsSchema, options);
  return new Connection({
    signal,
    makeLoop(inbox) {
      const environment = nodeEnvironment({ url: base, token, gate: inbox });
      return new StreamLoop({
        filter: Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as Filter,
        from: from === 'now' ? undefined : from,
        transports: transport === 'auto' ? CLIENT_TRANSPORTS : [transport].flat(),
        readers: makeReaders(environment),
        fetch: environment.fetch,
        scheduler: nodeScheduler,
        inbox,
        onReport: (report) => onState?.(report),
      });
    },
  });
}

function understand<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TypeError(`${issue?.path.join('.') || 'options'}: ${issue?.message ?? 'not understood'}`);
}
