import type { Batch, MetricQuery, MqttSessionChanges, ReadQuery, RetentionLimits } from './history-port.ts';

/** What a call was about, in a few words for the list of slow ones. Nothing of what anybody has sent is in it but filters. */
const TEXT_CHARS_MAX = 60;

export const detailOf = {
  append: ({ firstSeq, count, bodies, samples }: Batch): string =>
    `${count} events from ${firstSeq}, ${bodies.length} bytes, ${samples.length / 3} samples`,
  read: ({ filter, direction, from, upTo, limit }: ReadQuery): string =>
    `${direction} from ${from}${upTo === undefined ? '' : ` to ${upTo}`}, ${limit} rows at most, ${shortly(filter)}`,
  seqAtTime: (timeMs: number): string => new Date(timeMs).toISOString(),
  receipts: (keys: readonly string[]): string => `${keys.length} keys`,
  queryMetrics: ({ fromMs, toMs, width, services, name }: MetricQuery): string =>
    `${Math.round((toMs - fromMs) / 1000)} s in ${width} points, ${shortly({ services, name })}`,
  saveMqttSessions: ({ saved, removed }: MqttSessionChanges): string =>
    `${saved.length} saved, ${removed.length} removed`,
  retain: ({ ageMs, bytesMax }: RetentionLimits): string => `${ageMs} ms, ${bytesMax} bytes`,
};

function shortly(filter: object): string {
  const text = JSON.stringify(filter);
  return text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}…` : text;
}
