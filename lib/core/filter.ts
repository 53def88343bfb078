import { z } from 'zod';
import { type Attributes, type JsonValue, KINDS, type Kind, NAME_CHARS_MAX } from './event.ts';
import { compileTopics, TOPIC_CHARS_MAX, TOPICS_MAX } from './filter-topics.ts';
import { LEVELS, type Level, rankOf } from './level.ts';
import { stripAnsi } from './strip-ansi.ts';

export const FILTER_SERVICES_MAX = 32;
export const FILTER_TEXT_CHARS_MAX = 512;

/**
 * The one filter language of streams, history pages and the screen. Absent fields let everything through.
 * `level` is a minimum and lets only logs through; `q` is found, case-insensitively, in a log's message, a metric's
 * name, or a value among the attributes. `topics` are patterns of topics (`filter-topics.ts`): one of them has to fit, and
 * where there is none nothing is let through; only MQTT's subscriptions have them, no query offers them.
 */
export const filterSchema = z.object({
  kind: z.enum(KINDS).optional(),
  services: z.array(z.string().min(1).max(NAME_CHARS_MAX)).max(FILTER_SERVICES_MAX).optional(),
  level: z.enum(LEVELS).optional(),
  q: z.string().min(1).max(FILTER_TEXT_CHARS_MAX).optional(),
  topics: z.array(z.string().min(1).max(TOPIC_CHARS_MAX)).max(TOPICS_MAX).readonly().optional(),
});

export type Filter = {
  readonly kind?: Kind;
  readonly services?: readonly string[];
  readonly level?: Level;
  readonly q?: string;
  readonly topics?: readonly string[];
};

/** The fields a filter looks at; the journal's entries have them, and `body` is the event as JSON. */
export type Filterable = {
  readonly kind: Kind;
  readonly rank: number;
  readonly service: string;
  readonly body: string;
};

export const FILTER_NONE: Filter = {};

/** Two filters with the same key let the same events through, so their streams share one encoding. */
export function filterKey(filter: Filter): string {
  const services = filter.services?.length ? [...new Set(filter.services)].sort() : [];
  const topics = filter.topics ? [[...new Set(filter.topics)].sort()] : [];
  return JSON.stringify([filter.kind ?? '', services, filter.level ?? '', foldAscii(filter.q ?? ''), ...topics]);
}

/** Folding more than ASCII could give two filters that differ the same key. */
function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

export function isFilterNone(filter: Filter): boolean {
  return !filter.kind && !filter.services?.length && !filter.level && !filter.q && !filter.topics;
}

/** Compiles a filter once per stream; the result is called for every event. */
export function compileFilter(filter: Filter): (event: Filterable) => boolean {
  const services = filter.services?.length ? new Set(filter.services) : undefined;
  const rankMin = filter.level ? rankOf(filter.level) : undefined;
  const matchesText = filter.q ? compileText(filter.q) : undefined;
  const matchesTopic = filter.topics ? compileTopics(filter.topics) : undefined;
  const { kind } = filter;
  return (event) =>
    (kind === undefined || event.kind === kind) &&
    (rankMin === undefined || event.rank >= rankMin) &&
    (services === undefined || services.has(event.service)) &&
    (matchesTopic === undefined || matchesTopic(event)) &&
    (matchesText === undefined || matchesText(event.body));
}

/** How JSON writes the character that escape sequences begin with. */
export const ESCAPE_IN_JSON = '\\u001b';

/** Case-insensitive literal search. Without the `u` flag `i` never folds a non-ASCII letter onto an ASCII one. */
function literal(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
}

/**
 * Looks in the JSON first, which is cheap and misses nothing but a text with colours in its midst, and parses only what
 * might match. Colours and other escape sequences are not part of a text.
 */
function compileText(q: string): (body: string) => boolean {
  const inBody = literal(JSON.stringify(q).slice(1, -1));
  const inValue = literal(q);
  return (body) =>
    (inBody.test(body) || body.includes(ESCAPE_IN_JSON)) &&
    searchable(body).some((text) => inValue.test(stripAnsi(text)));
}

function searchable(body: string): string[] {
  const event = JSON.parse(body) as { message?: string; name?: string; attributes?: Attributes };
  return [event.message ?? event.name ?? '', ...leaves(event.attributes ?? {})];
}

/** Nested values count one by one: the JSON between them is syntax, which the search in the body would not find. */
function leaves(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [String(value)];
}

/** The narrowest filter of this language that lets through all that either does: one stream can serve both. */
export function widenFilter(a: Filter, b: Filter): Filter {
  const kind = a.kind === b.kind ? a.kind : undefined;
  const services =
    a.services?.length && b.services?.length ? [...new Set([...a.services, ...b.services])].sort() : undefined;
  const level = a.level && b.level ? (rankOf(a.level) < rankOf(b.level) ? a.level : b.level) : undefined;
  const q = foldAscii(a.q ?? '') === foldAscii(b.q ?? '') ? a.q : undefined;
  const topics = a.topics && b.topics ? [...new Set([...a.topics, ...b.topics])].sort() : undefined;
  return {
    ...(kind && { kind }),
    ...(services && services.length <= FILTER_SERVICES_MAX && { services }),
    ...(level && { level }),
    ...(q && { q }),
    ...(topics && topics.length <= TOPICS_MAX && { topics }),
  };
}

/**
 * What both let through, where `limit` names services or a level at most. Services that have none in common leave nothing:
 * topics, of which there is none.
 */
export function narrowFilter(filter: Filter, limit: Pick<Filter, 'services' | 'level' | 'topics'> | undefined): Filter {
  if (!limit) return filter;
  const [asked = [], granted = []] = [filter.services, limit.services];
  const common = asked.length > 0 && granted.length > 0 ? asked.filter((name) => granted.includes(name)) : undefined;
  const services = common ?? (asked.length > 0 ? asked : granted);
  const levels = [filter.level, limit.level].flatMap((level) => level ?? []).sort((a, b) => rankOf(b) - rankOf(a));
  const { services: _, ...rest } = filter;
  return {
    ...rest,
    ...(services.length > 0 && { services }),
    ...(levels[0] && { level: levels[0] }),
    ...((common?.length === 0 || limit.topics) && { topics: [] }),
  };
}

/** Writes a filter as query parameters, the way `GET /api/stream` and the dashboard's address bar read it. */
export function filterToQuery(filter: Filter): URLSearchParams {
  const query = new URLSearchParams();
  if (filter.kind) query.set('kind', filter.kind);
  for (const service of filter.services ?? []) query.append('service', service);
  if (filter.level) query.set('level', filter.level);
  if (filter.q) query.set('q', filter.q);
  return query;
}

/** Reads a filter from query parameters. Throws a ZodError that names the parameter. */
export function filterFromQuery(query: URLSearchParams): Filter {
  const services = query.getAll('service').filter((service) => service !== '');
  const parsed = filterSchema.parse({
    kind: query.get('kind') || undefined,
    services: services.length > 0 ? services : undefined,
    level: query.get('level')?.toLowerCase() || undefined,
    q: query.get('q') || undefined,
  });
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined)) as Filter;
}
