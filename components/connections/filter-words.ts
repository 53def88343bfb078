import type { ConnectionRow } from '@/lib/wire/connection-pages.ts';

/** A filter as short words, one a condition, the many services last: "logs", "level≥warn", "“timeout”", "service=api". */
export function filterWords({ kind, services, level, q }: ConnectionRow['filter']): string[] {
  return [
    ...(kind ? [`${kind}s`] : []),
    ...(level ? [`level≥${level}`] : []),
    ...(q ? [`“${q}”`] : []),
    ...(services ?? []).map((service) => `service=${service}`),
  ];
}
