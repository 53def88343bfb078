import type { MetricType } from './event.ts';

/** What Prometheus' formats know as the type of a metric family. */
export type FamilyType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

/** What is told about a family beside its samples. */
export type Family = { readonly type: FamilyType; readonly unit: string };

const SUFFIX = /_(total|count|sum|bucket|created|info|gcount|gsum)$/;
/** UCUM, as the built-in sources write units. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['seconds', 's'],
  ['milliseconds', 'ms'],
  ['microseconds', 'us'],
  ['nanoseconds', 'ns'],
  ['minutes', 'min'],
  ['hours', 'h'],
  ['days', 'd'],
  ['bytes', 'By'],
  ['kibibytes', 'KiBy'],
  ['mebibytes', 'MiBy'],
  ['gibibytes', 'GiBy'],
  ['bits', 'bit'],
  ['ratio', '1'],
  ['percent', '%'],
  ['celsius', 'Cel'],
  ['volts', 'V'],
  ['amperes', 'A'],
  ['joules', 'J'],
  ['watts', 'W'],
  ['hertz', 'Hz'],
  ['meters', 'm'],
  ['grams', 'g'],
]);
const UNIT_CHARS_MAX = 32;

/** Name of the family that a sample belongs to, where its own name is not that: "http_seconds" of "http_seconds_bucket". */
export function familyName(name: string): string {
  return name.replace(SUFFIX, '');
}

/** Type and unit of a sample: as its family says, otherwise as the name's suffixes say by convention. */
export function describeSample(name: string, family?: Family): { type: MetricType; unit?: string } {
  const suffix = SUFFIX.exec(name)?.[1];
  const type = typeOf(suffix, family?.type ?? 'unknown');
  const unit = unitOf(name, suffix, family?.unit ?? '');
  return unit === undefined ? { type } : { type, unit };
}

function typeOf(suffix: string | undefined, family: FamilyType): MetricType {
  switch (family) {
    case 'counter':
      return suffix === 'created' ? 'gauge' : 'counter';
    case 'histogram':
    case 'summary':
      return suffix === 'count' || suffix === 'sum' || suffix === 'bucket' ? 'counter' : 'gauge';
    case 'unknown':
      return suffix === 'total' || suffix === 'count' || suffix === 'sum' || suffix === 'bucket' ? 'counter' : 'gauge';
    default:
      return 'gauge';
  }
}

/** How many observations there were has no unit, whatever was observed; when it began is always in seconds. */
function unitOf(name: string, suffix: string | undefined, family: string): string | undefined {
  if (suffix === 'count' || suffix === 'bucket' || suffix === 'gcount') return '1';
  if (suffix === 'created') return 's';
  const base = suffix === undefined ? name : name.slice(0, -suffix.length - 1);
  const word = family === '' ? base.slice(base.lastIndexOf('_') + 1) : family;
  return UNITS.get(word) ?? (family !== '' && family.length <= UNIT_CHARS_MAX ? family : undefined);
}
