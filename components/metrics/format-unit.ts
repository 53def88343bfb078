/** How a unit (UCUM-like, as OpenTelemetry writes them) is shown: what it is counted in, and in what steps it grows. */
type Scale = { readonly factor: number; readonly steps: readonly (readonly [size: number, name: string])[] };

const BYTES = [
  [1, 'B'],
  [1024, 'KiB'],
  [1024 ** 2, 'MiB'],
  [1024 ** 3, 'GiB'],
  [1024 ** 4, 'TiB'],
] as const;
const SECONDS = [
  [1e-9, 'ns'],
  [1e-6, 'µs'],
  [1e-3, 'ms'],
  [1, 's'],
  [60, 'min'],
  [3600, 'h'],
  [86_400, 'd'],
] as const;
const COUNTS = [
  [1, ''],
  [1e3, 'k'],
  [1e6, 'M'],
  [1e9, 'G'],
  [1e12, 'T'],
] as const;

const SCALES: Readonly<Record<string, Scale>> = {
  By: { factor: 1, steps: BYTES },
  kBy: { factor: 1000, steps: BYTES },
  KiBy: { factor: 1024, steps: BYTES },
  MBy: { factor: 1e6, steps: BYTES },
  MiBy: { factor: 1024 ** 2, steps: BYTES },
  GBy: { factor: 1e9, steps: BYTES },
  GiBy: { factor: 1024 ** 3, steps: BYTES },
  ns: { factor: 1e-9, steps: SECONDS },
  us: { factor: 1e-6, steps: SECONDS },
  ms: { factor: 1e-3, steps: SECONDS },
  s: { factor: 1, steps: SECONDS },
  min: { factor: 60, steps: SECONDS },
  h: { factor: 3600, steps: SECONDS },
  d: { factor: 86_400, steps: SECONDS },
  '': { factor: 1, steps: COUNTS },
  '1': { factor: 1, steps: COUNTS },
};
const ALIASES: Readonly<Record<string, string>> = {
  bytes: 'By',
  byte: 'By',
  B: 'By',
  seconds: 's',
  percent: '%',
  µs: 'us',
};
const PLAIN: Readonly<Record<string, string>> = { '%': '%', Cel: '°C', Hz: 'Hz', V: 'V', W: 'W', A: 'A' };

/** A value with its unit, in at most four digits: 1536 By → "1.5 KiB", 0.25 s → "250 ms", 12345 → "12.3 k". */
export function formatValue(value: number, unit: string): string {
  const [base, perSecond] = splitRate(unit);
  const scale = scaleOf(base);
  const suffix = perSecond ? '/s' : '';
  if (!scale) return joined(compact(value), `${PLAIN[base] ?? base}${suffix}`);
  const scaled = value * scale.factor;
  const [size, name] = stepOf(Math.abs(scaled), scale);
  return joined(compact(scaled / size), `${name}${suffix}`);
}

/** "By/s" is bytes, a second. Other denominators stay part of the name. */
function splitRate(unit: string): [base: string, perSecond: boolean] {
  const perSecond = unit.endsWith('/s');
  const base = perSecond ? unit.slice(0, -2) : unit;
  return [ALIASES[base] ?? base, perSecond];
}

/** An annotation such as "{requests}" counts things and says which (UCUM §12). */
function scaleOf(base: string): Scale | undefined {
  return SCALES[/^\{.*\}$/.test(base) ? '1' : base];
}

function stepOf(size: number, scale: Scale): readonly [number, string] {
  if (size === 0) return [1, scale.steps.find(([each]) => each === 1)?.[1] ?? ''];
  return scale.steps.findLast(([each]) => size >= each * 0.9995) ?? scale.steps[0] ?? [1, ''];
}

function compact(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e15 || size < 1e-3) return value.toExponential(1);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}

function joined(number: string, name: string): string {
  return name === '' ? number : name === '/s' ? `${number}/s` : `${number} ${name}`;
}

/** A counter is drawn as its rate. */
export function rateUnit(unit: string): string {
  return `${unit === '1' ? '' : unit}/s`;
}

/**
 * Round values for an axis that begins at 0 or below: multiples of 1, 2 or 5 in the unit's own steps, so that bytes
 * read 0, 256 MiB, 512 MiB and not 0, 238.4 MiB.
 */
export function axisTicks(min: number, max: number, unit: string, count = 3): number[] {
  const [base] = splitRate(unit);
  const scale = scaleOf(base);
  const factor = scale?.factor ?? 1;
  if (min === 0 && max === 0) return [0, 1];
  const span = max - min || Math.abs(max) || 1;
  const [size] = scale ? stepOf(Math.max(Math.abs(min), Math.abs(max)) * factor, scale) : [1];
  const size1 = size / factor;
  const step = niceStep(span / count / size1, scale?.steps === BYTES ? 2 : 10) * size1;
  const first = Math.floor(min / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function niceStep(wanted: number, base: 2 | 10): number {
  if (base === 2) return 2 ** Math.ceil(Math.log2(wanted));
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * ([1, 2, 5, 10].find((each) => each * power >= wanted * 0.999) ?? 10);
}
