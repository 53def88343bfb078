import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import type { Level } from '@/lib/core/level.ts';
import { levelOfLetter, levelOfSeverity, levelWord } from './level-words.ts';
import type { UnderstoodLine } from './line-format.ts';
import { setOwn } from './own-attribute.ts';
import type { TimeContext } from './scan-time.ts';
import { readTimeValue } from './time-value.ts';

/** What a structured line says of the event itself; the rest are its attributes. */
export type LiftedFields = Pick<UnderstoodLine, 'timeMs' | 'level' | 'service' | 'traceId' | 'spanId'> & {
  message: string | undefined;
  attributes: Attributes;
  /** The key that the message stood under. */
  messageKey: string | undefined;
};

type Role = 'time' | 'level' | 'message' | 'service' | 'traceId' | 'spanId';

/** The names that loggers give to the parts of an event; of several that are there the first wins. */
const KEYS: Readonly<Record<Role, string>> = {
  time:
    '@timestamp timestamp time ts @t t datetime dateTime date eventTime event_time asctime Timestamp Time TimeGenerated ' +
    'timeMillis time_local time_iso8601 timestampMs __REALTIME_TIMESTAMP _timestamp',
  level:
    'level severity log.level lvl levelname @l loglevel logLevel LogLevel log_level Level severity_text severityText ' +
    'SeverityText Severity priority PRIORITY s',
  message: 'message msg @m MESSAGE Message short_message event text log body Body @mt MessageTemplate',
  service:
    'service service.name service_name serviceName app appname app_name application program SYSLOG_IDENTIFIER container_name',
  traceId: 'traceId trace_id trace.id traceID TraceId dd.trace_id @tr traceid logging.googleapis.com/trace',
  spanId: 'spanId span_id span.id spanID SpanId dd.span_id @sp spanid logging.googleapis.com/spanId',
};

const ROLES: ReadonlyMap<string, { role: Role; rank: number }> = new Map(
  Object.entries(KEYS).flatMap(([role, keys]) =>
    keys.split(' ').map((key, rank): [string, { role: Role; rank: number }] => [key, { role: role as Role, rank }]),
  ),
);

const NAME_CHARS_MAX = 256;
const ID_CHARS_MAX = 64;

/** Takes out of the fields what belongs to the event itself; a value that cannot be read as such stays an attribute. */
export function liftFields(fields: Attributes, context: TimeContext): LiftedFields {
  const lifted: LiftedFields = { message: undefined, messageKey: undefined, attributes: {} };
  const used: Partial<Record<Role, string>> = {};
  const keys = Object.keys(fields);
  for (const key of keys) {
    const known = ROLES.get(key);
    if (!known) continue;
    const before = used[known.role];
    if (before !== undefined && known.rank >= (ROLES.get(before)?.rank ?? 0)) continue;
    if (lift(lifted, known.role, key, fields, context)) used[known.role] = key;
  }
  liftNested(lifted, fields);
  const level = used.level === undefined ? undefined : fields[used.level];
  // A word that says more than the level it is put under is kept.
  const keepsLevel =
    typeof level === 'string' && level.toLowerCase() !== lifted.level && (levelWord(level)?.isFiner ?? true);
  for (const key of keys) {
    const role = ROLES.get(key)?.role;
    if (role !== undefined && used[role] === key && !(role === 'level' && keepsLevel)) continue;
    setOwn(lifted.attributes, key, fields[key] ?? null);
  }
  lifted.messageKey = used.message;
  return lifted;
}

function lift(lifted: LiftedFields, role: Role, key: string, fields: Attributes, context: TimeContext): boolean {
  const value = fields[key] as JsonValue;
  if (role === 'time') {
    const timeMs = readTimeValue(value, context);
    if (timeMs !== undefined) lifted.timeMs = timeMs;
    return timeMs !== undefined;
  }
  if (role === 'level') {
    const level = readLevelValue(key, value, fields);
    if (level !== undefined) lifted.level = level;
    return level !== undefined;
  }
  if (typeof value !== 'string') return false;
  if (role === 'message') {
    // The text of "body" may be that of a request.
    if (key === 'body' && 'status' in fields) return false;
    lifted.message = value;
    return true;
  }
  if (value === '' || value.length > (role === 'service' ? NAME_CHARS_MAX : ID_CHARS_MAX)) return false;
  lifted[role] = value;
  return true;
}

/** ECS and others nest what they also write with dots. bunyan and pino call the service `name`. */
function liftNested(lifted: LiftedFields, fields: Attributes): void {
  const log = inside(fields['log']);
  if (lifted.level === undefined && log) {
    const level = readLevelValue('level', log['level'] ?? null, fields);
    if (level) lifted.level = level;
  }
  const name =
    inside(fields['service'])?.['name'] ?? ('pid' in fields && 'hostname' in fields ? fields['name'] : undefined);
  if (lifted.service === undefined && typeof name === 'string' && name !== '' && name.length <= NAME_CHARS_MAX) {
    lifted.service = name;
  }
  const traceId = inside(fields['trace'])?.['id'];
  if (lifted.traceId === undefined && typeof traceId === 'string' && traceId.length <= ID_CHARS_MAX) {
    lifted.traceId = traceId;
  }
}

function inside(value: JsonValue | undefined): Attributes | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** A word, pino's and bunyan's tens, the severities of syslog where GELF or the journal of systemd writes them. */
function readLevelValue(key: string, value: JsonValue, fields: Attributes): Level | undefined {
  if (typeof value === 'number') {
    if ('short_message' in fields && value <= 7) return levelOfSeverity(value);
    return value >= 10 && value < 70 ? TENS[Math.floor(value / 10) - 1] : undefined;
  }
  if (typeof value !== 'string' || value.length > 32) return undefined;
  if (key === 'PRIORITY') return levelOfSeverity(Number(value));
  if (key === 's') return value.length <= 2 && 't' in fields ? levelOfLetter(value.charAt(0)) : undefined;
  const word = value.trim();
  // slog writes what lies between its levels as "INFO+2".
  const sign = Math.max(word.indexOf('+'), word.indexOf('-'));
  const name = sign > 0 ? word.slice(0, sign) : word;
  return levelWord(name)?.level ?? levelWord(name.toLowerCase())?.level ?? levelOfTens(name);
}

const TENS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Some shippers make words of all values: "30". */
function levelOfTens(word: string): Level | undefined {
  return word.length === 2 && word.endsWith('0') ? TENS[Number(word) / 10 - 1] : undefined;
}
