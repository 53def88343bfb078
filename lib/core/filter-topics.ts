import type { Kind } from './event.ts';
import type { Filterable } from './filter.ts';
import { isLevel, LEVELS, rankOf } from './level.ts';

/**
 * Topics of events, and patterns over them: `logs/<service>/<level>` and `metrics/<service>/<name>`, with MQTT's wildcards
 * (`+` one level, `#` all the rest). Services and names are any text, so what would act in a topic is percent-encoded:
 * each event has exactly one topic, and no sender can write one that is another's.
 */
export const TOPICS_MAX = 100;
export const TOPIC_CHARS_MAX = 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: characters that MQTT forbids or warns of (MQTT 5 §1.5.4)
const ACTS = /[%/+#\u0000-\u001f\u007f-\u009f\p{Noncharacter_Code_Point}]/gu;

/** A service or a name as one level of a topic. */
export function encodeTopicLevel(text: string): string {
  return text.replace(ACTS, encodeURIComponent);
}

/** The text of a level; undefined when no text is encoded like this, so that nothing has such a topic. */
export function decodeTopicLevel(level: string): string | undefined {
  try {
    const text = decodeURIComponent(level);
    return text !== '' && encodeTopicLevel(text) === level ? text : undefined;
  } catch {
    return undefined;
  }
}

/** What an event's topic is made of; `leaf` is a log's level or a metric's name. */
export type Subject = { readonly kind: Kind; readonly service: string; readonly leaf: string };

/** Reads a body without parsing it: a sender's attributes come after the fields that are looked for. */
export function subjectOf(kind: string, body: string): Subject {
  const isLog = kind === 'log';
  const leaf = textField(body, isLog ? LEVEL_KEY : NAME_KEY);
  return { kind: isLog ? 'log' : 'metric', service: textField(body, SERVICE_KEY), leaf };
}

export function topicOf({ kind, service, leaf }: Subject): string {
  return `${kind === 'log' ? 'logs' : 'metrics'}/${encodeTopicLevel(service)}/${encodeTopicLevel(leaf)}`;
}

// A quotation mark inside a text is written `\"`, so no text can hold one of these.
const LEVEL_KEY = ',"level":"';
const SERVICE_KEY = ',"service":"';
const NAME_KEY = ',"name":"';
const JSON_TEXT = /"(?:[^"\\]|\\.)*"/y;

function textField(body: string, key: string): string {
  const at = body.indexOf(key);
  if (at < 0) return '';
  JSON_TEXT.lastIndex = at + key.length - 1;
  const text = JSON_TEXT.exec(body)?.[0] ?? '""';
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

/** One thing that a pattern lets through; absent fields let everything through. */
export type TopicRule = {
  readonly kind: Kind;
  readonly service?: string;
  /** Of logs. */
  readonly rank?: number;
  /** Of metrics. */
  readonly name?: string;
};

/** A pattern as rules, one for each kind that it can meet; none when no event has such a topic. */
export function topicRules(pattern: string): TopicRule[] {
  const [root, service, leaf, ...rest] = pattern.split('/');
  if (rest.length > 1 || (rest.length === 1 && rest[0] !== '#')) return [];
  if (root === '#') return [{ kind: 'log' }, { kind: 'metric' }];
  const kinds: Kind[] = [];
  if (root === 'logs' || root === '+') kinds.push('log');
  if (root === 'metrics' || root === '+') kinds.push('metric');
  return kinds.flatMap((kind) => ruleOf(kind, service, leaf));
}

function ruleOf(kind: Kind, service: string | undefined, leaf: string | undefined): TopicRule[] {
  if (service === '#') return [{ kind }];
  if (service === undefined || leaf === undefined) return [];
  const wanted = service === '+' ? undefined : decodeTopicLevel(service);
  if (service !== '+' && wanted === undefined) return [];
  const base = { kind, ...(wanted !== undefined && { service: wanted }) };
  if (leaf === '+' || leaf === '#') return [base];
  if (kind === 'log') return isLevel(leaf) ? [{ ...base, rank: rankOf(leaf) }] : [];
  const name = decodeTopicLevel(leaf);
  return name === undefined ? [] : [{ ...base, name }];
}

/** True of an event that has a topic which one of the patterns lets through. */
export function compileTopics(topics: readonly string[]): (event: Filterable) => boolean {
  const rules = topics.flatMap(topicRules).map((rule) => ({
    ...rule,
    // The field as it is written: found first in a metric's body, as its attributes come after it.
    field: rule.name === undefined ? undefined : `${NAME_KEY.slice(0, -1)}${JSON.stringify(rule.name)}`,
  }));
  const ofKind = {
    log: rules.filter(({ kind }) => kind === 'log'),
    metric: rules.filter(({ kind }) => kind === 'metric'),
  };
  return ({ kind, rank, service, body }) =>
    ofKind[kind].some(
      (rule) =>
        (rule.service === undefined || rule.service === service) &&
        (rule.rank === undefined || rule.rank === rank) &&
        (rule.field === undefined || body.startsWith(rule.field, body.indexOf(NAME_KEY))),
    );
}

/** The fields that a filter looks at, read from a body: for rows that come without them. */
export function filterableOf(kind: Kind, body: string): Filterable {
  const { service, leaf } = subjectOf(kind, body);
  const rank = kind === 'log' ? (LEVELS as readonly string[]).indexOf(leaf) : -1;
  return { kind, rank, service, body };
}
