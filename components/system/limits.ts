import type { Tone } from '@/components/ui/badge.tsx';
import { SYSTEM_METRICS, type SystemMetric, type SystemReport, type SystemSample } from '@/lib/wire/system-pages.ts';
import { sampleValue } from './sample-columns.ts';

/** From where on a metric is strained and alarming, in its own unit; undefined: no such line. */
export type Limits = { readonly warn: number | undefined; readonly alarm: number | undefined };

const NO_LIMITS: Limits = { warn: undefined, alarm: undefined };
const MEMORY_WARN = 0.9;
const DESCRIPTORS_WARN = 0.8;
const DESCRIPTORS_ALARM = 0.95;

/** A limit counts when so many of so many newest samples reach it: one spike is no verdict. */
const REACHED_MIN = 3;
const JUDGED_SAMPLES = 5;

/** The contract's limits, and those that follow from what this machine allows. */
export function limitsOf(metric: SystemMetric, report: SystemReport | undefined): Limits {
  if (metric === 'rssBytes' && report) {
    const { softMaxBytes } = report.memory;
    return { warn: MEMORY_WARN * softMaxBytes, alarm: softMaxBytes };
  }
  if (metric === 'descriptors') {
    const max = report?.descriptorsMax;
    return max === undefined ? NO_LIMITS : { warn: DESCRIPTORS_WARN * max, alarm: DESCRIPTORS_ALARM * max };
  }
  const { warn, alarm } = SYSTEM_METRICS[metric];
  return { warn, alarm };
}

/** The value that a metric has held or passed in three of its last five seconds; undefined when fewer were measured. */
export function sustained(samples: readonly SystemSample[], metric: SystemMetric): number | undefined {
  const values = samples
    .slice(-JUDGED_SAMPLES)
    .map((sample) => sampleValue(sample, metric))
    .filter((value) => value !== null);
  return values.sort((a, b) => b - a)[REACHED_MIN - 1];
}

/** `neutral` where there is nothing to judge by. */
export function toneOf(value: number | undefined, { warn, alarm }: Limits): Tone {
  if (value === undefined || (warn === undefined && alarm === undefined)) return 'neutral';
  if (alarm !== undefined && value >= alarm) return 'bad';
  return warn !== undefined && value >= warn ? 'warn' : 'good';
}
