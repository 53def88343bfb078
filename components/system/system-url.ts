export const SYSTEM_RANGES = { '1m': 60_000, '5m': 300_000, '15m': 900_000 } as const;
export type SystemRange = keyof typeof SYSTEM_RANGES;
export const SYSTEM_RANGE_KEYS = Object.keys(SYSTEM_RANGES) as SystemRange[];
const RANGE_DEFAULT: SystemRange = '5m';

/** Reads the chosen range; what cannot be read falls back to the default. */
export function systemRange(query: { get(name: string): string | null }): SystemRange {
  return SYSTEM_RANGE_KEYS.find((key) => key === query.get('range')) ?? RANGE_DEFAULT;
}

export function addressOfSystem(range: SystemRange): string {
  return range === RANGE_DEFAULT ? '/system' : `/system?range=${range}`;
}
