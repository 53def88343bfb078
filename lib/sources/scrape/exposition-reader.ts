import type { MetricInput } from '@/lib/core/event.ts';
import { describeSample, type Family, type FamilyType, familyName } from '@/lib/core/prometheus-names.ts';
import { timeInput } from '@/lib/core/time-input.ts';
import { parseExpositionLine, unquote } from './exposition-line.ts';

/** `text` is Prometheus' own format 0.0.4, with times in ms; OpenMetrics has seconds, and ends with `# EOF`. */
export type ExpositionFormat = 'text' | 'openmetrics';

export type ExpositionOptions = {
  readonly format: ExpositionFormat;
  readonly job: string;
  readonly instance: string;
  /** Time of samples that have none of their own, in ms. */
  readonly timeMs: number;
  readonly samplesMax: number;
};

/** A line that is longer is no line of a metric. */
const LINE_CHARS_MAX = 64 * 1024;
const META = /^#[ \t]+(TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.){1,1000})"|(\S{1,1000}))[ \t]+(\S{1,100})[ \t]*$/;
const FAMILY_TYPES: ReadonlyMap<string, FamilyType> = new Map(
  (['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'] as const).map((type) => [
    type,
    type,
  ]),
);

/** What a target exposes, read as it comes in; the events wait in `events` until the whole has come. */
export class ExpositionReader {
  readonly events: MetricInput[] = [];
  /** Samples beyond the greatest number. */
  dropped = 0;
  malformed = 0;
  /** Samples that are NaN, the absence of a reading, or infinite: JSON has neither. */
  valueless = 0;
  /** `# EOF` has been read. */
  isEnded = false;
  readonly #options: ExpositionOptions;
  readonly #families = new Map<string, Family>();
  #rest = '';
  #skipping = false;

  constructor(options: ExpositionOptions) {
    this.#options = options;
  }

  /** All samples, also those that are not kept. */
  get samples(): number {
    return this.events.length + this.dropped + this.valueless;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#endLine(line);
    if (this.#rest.length <= LINE_CHARS_MAX) return;
    this.#skipping = true;
    this.#rest = '';
  }

  /** The last line may lack its end. */
  end(): void {
    if (this.#rest !== '' || this.#skipping) this.#endLine(this.#rest);
    this.#rest = '';
  }

  #endLine(line: string): void {
    const isTooLong = this.#skipping || line.length > LINE_CHARS_MAX;
    this.#skipping = false;
    if (isTooLong) this.malformed += 1;
    else if (!this.isEnded) this.#takeLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  #takeLine(line: string): void {
    if (line.startsWith('#')) {
      if (this.#options.format === 'openmetrics' && line.trimEnd() === '# EOF') this.isEnded = true;
      else this.#takeMeta(line);
      return;
    }
    if (line.trim() === '') return;
    if (this.events.length >= this.#options.samplesMax) {
      this.dropped += 1;
      return;
    }
    const sample = parseExpositionLine(line);
    if (!sample) {
      this.malformed += 1;
      return;
    }
    if (!Number.isFinite(sample.value)) {
      this.valueless += 1;
      return;
    }
    const { name, value, time } = sample;
    const { job, format, timeMs } = this.#options;
    const ownMs = time === undefined ? undefined : format === 'openmetrics' ? Math.round(time * 1000) : time;
    this.events.push({
      kind: 'metric',
      time: timeInput(ownMs ?? timeMs),
      name,
      value,
      service: job,
      attributes: this.#attributesOf(sample.labels),
      ...describeSample(name, this.#families.get(name) ?? this.#families.get(familyName(name))),
    });
  }

  /** Where a target names a job or an instance of its own, it is that of something else, as Prometheus sees it too. */
  #attributesOf(labels: readonly (readonly [string, string])[]): Record<string, string> {
    const named = labels.map(([name, value]) => [
      name === 'job' || name === 'instance' ? `exported_${name}` : name,
      value,
    ]);
    return Object.fromEntries([...named, ['instance', this.#options.instance]]);
  }

  #takeMeta(line: string): void {
    const [, what, quoted, plain, word = ''] = META.exec(line) ?? [];
    const name = quoted === undefined ? plain : unquote(quoted);
    if (name === undefined || this.#families.size >= this.#options.samplesMax) return;
    const family = this.#families.get(name) ?? { type: 'unknown', unit: '' };
    const told = what === 'TYPE' ? { type: FAMILY_TYPES.get(word) ?? 'unknown' } : { unit: word };
    this.#families.set(name, { ...family, ...told });
  }
}
