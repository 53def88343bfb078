import { plain } from '@/components/ui/plain-text.ts';
import type { ConnectionRow } from '@/lib/wire/connection-pages.ts';

/** A filter as short words, one a condition, the many services last: "logs", "level≥warn", "“timeout”", "logs/+/error", "service=api". */
export function filterWords({ kind, services, level, q, topics }: ConnectionRow['filter']): string[] {
  const words = [
    ...(kind ? [`${kind}s`] : []),
    ...(level ? [`level≥${level}`] : []),
    ...(q ? [`“${q}”`] : []),
    ...(topics ? (topics.length > 0 ? topics : ['no topic']) : []),
    ...(services ?? []).map((service) => `service=${service}`),
  ];
  return words.map(plain);
}
