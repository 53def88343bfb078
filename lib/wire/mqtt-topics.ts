import { decodeTopicLevel, subjectOf, TOPIC_CHARS_MAX, topicOf } from '@/lib/core/filter-topics.ts';
import type { ControlName } from './frames.ts';

/**
 * The topics of MQTT here. Each event has one: `tailrace/logs/<service>/<level>` or `tailrace/metrics/<service>/<name>`.
 * `tailrace/control/<frame>` carries the stream's control frames, QoS 0 but for `stream` and `gap`, which can tell of a
 * loss. `tailrace/ingest/<service>` takes events.
 */
const ROOT = 'tailrace';
const CONTROL = `${ROOT}/control`;
const INGEST = `${ROOT}/ingest/`;

/** @param body the event as one line of JSON */
export function eventTopic(kind: string, body: string): string {
  return `${ROOT}/${topicOf(subjectOf(kind, body))}`;
}

export function controlTopic(name: ControlName): string {
  return `${CONTROL}/${name}`;
}

/** The service of a topic that takes events; undefined for every other topic. */
export function ingestService(topic: string): string | undefined {
  return topic.startsWith(INGEST) ? decodeTopicLevel(topic.slice(INGEST.length)) : undefined;
}

/** A subscription as a pattern of the filter language; undefined when no event has a topic that it meets. */
export function eventPattern(subscription: string): string | undefined {
  const [root, ...rest] = subscription.split('/');
  if (root === '#') return '#';
  return (root === ROOT || root === '+') && rest.length > 0 ? rest.join('/') : undefined;
}

/** Whether a subscription meets a topic (MQTT 5 §4.7). None of our topics begins with `$`. */
export function meetsTopic(subscription: string, topic: string): boolean {
  const wanted = subscription.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (level !== '+' && level !== levels[index]) return false;
    if (index >= levels.length) return false;
  }
  return wanted.length === levels.length;
}

/** Wildcards stand alone in a level, and `#` at the end (MQTT 5 §4.7.1). */
export function isSubscription(text: string): boolean {
  if (text === '' || text.length > TOPIC_CHARS_MAX || text.includes('\u0000')) return false;
  const levels = text.split('/');
  return levels.every((level, index) => {
    if (level === '+' || (level === '#' && index === levels.length - 1)) return true;
    return !level.includes('+') && !level.includes('#');
  });
}

/** A name that something can be published under. */
export function isTopicName(text: string): boolean {
  return isSubscription(text) && !text.includes('+') && !text.includes('#');
}
