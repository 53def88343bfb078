import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatCounted } from '@/components/shell/format-count.ts';
import type { Tone } from '@/components/ui/badge.tsx';
import {
  SYSTEM_METRIC_NAMES,
  SYSTEM_METRICS,
  type SystemMetric,
  type SystemReport,
  type SystemSample,
} from '@/lib/wire/system-pages.ts';
import { limitsOf, sustained, toneOf } from './limits.ts';
import { SHED_SENTENCES } from './shed-sentences.ts';

export type SystemVerdict = {
  readonly tone: Tone;
  /** "Strained" */
  readonly state: string;
  /** What is the matter, worst first; empty when nothing is. */
  readonly reasons: readonly string[];
};

type Finding = { readonly rank: number; readonly tone: Tone; readonly state: string; readonly reason: string };

const HISTORY = 'history';
const RANK = { away: 0, alarming: 1, strained: 2 } as const;

/** The state of the whole server in one line. Everything that is the matter is named, worst first. */
export function systemVerdict(report: SystemReport, samples: readonly SystemSample[]): SystemVerdict {
  const findings = [
    ...awayFindings(report),
    ...memoryFindings(report),
    ...leakFindings(report),
    ...metricFindings(report, samples),
  ].sort((a, b) => a.rank - b.rank);
  const [worst] = findings;
  if (!worst) return { tone: 'good', state: 'Healthy', reasons: [] };
  return { tone: worst.tone, state: worst.state, reasons: findings.map(({ reason }) => reason) };
}

/** A breaker that is not closed keeps everybody away from what it guards; only the history's has events waiting. */
function awayFindings({ breakers, held }: SystemReport): Finding[] {
  const full = held.events >= held.eventsMax ? ', no more fit: senders are told to come again' : '';
  const waiting = `${formatCounted(held.events, 'event')} held, not stored yet${full}`;
  const away = breakers.filter(({ state }) => state !== 'closed');
  const findings = away.map(({ name }): Finding => {
    const reason = name !== HISTORY ? 'calls fail at once' : held.events > 0 ? waiting : 'no event held so far';
    return { rank: RANK.away, tone: 'bad', state: `${name.charAt(0).toUpperCase()}${name.slice(1)} away`, reason };
  });
  if (held.events === 0 || away.some(({ name }) => name === HISTORY)) return findings;
  return [...findings, { rank: RANK.strained, tone: 'warn', state: 'History catching up', reason: waiting }];
}

function memoryFindings({ memory }: SystemReport): Finding[] {
  if (memory.shed === 'none') return [];
  const reason = `memory is short, ${SHED_SENTENCES[memory.shed].now}`;
  return [{ rank: RANK.alarming, tone: 'bad', state: 'Alarming', reason }];
}

function leakFindings({ ledger }: SystemReport): Finding[] {
  if (ledger.leaked === 0) return [];
  const reason = `${formatCounted(ledger.leaked, 'resource')} leaked`;
  return [{ rank: RANK.alarming, tone: 'bad', state: 'Alarming', reason }];
}

function metricFindings(report: SystemReport, samples: readonly SystemSample[]): Finding[] {
  return SYSTEM_METRIC_NAMES.flatMap((metric): Finding[] => {
    // Told by the history's own finding, with what it means.
    if (metric === 'heldEvents') return [];
    const value = sustained(samples, metric);
    const limits = limitsOf(metric, report);
    const tone = toneOf(value, limits);
    if (value === undefined || (tone !== 'warn' && tone !== 'bad')) return [];
    const { unit } = SYSTEM_METRICS[metric];
    const limit = tone === 'bad' ? `alarm ${shown(limits.alarm, unit)}` : `warn ${shown(limits.warn, unit)}`;
    const reason = `${inSentence(metric)} ${formatValue(value, unit)} (${limit})`;
    return [
      tone === 'bad'
        ? { rank: RANK.alarming, tone, state: 'Alarming', reason }
        : { rank: RANK.strained, tone, state: 'Strained', reason },
    ];
  });
}

function shown(limit: number | undefined, unit: string): string {
  return limit === undefined ? '' : formatValue(limit, unit);
}

/** "Event loop busy" → "event loop busy"; "CPU" stays as it is. */
function inSentence(metric: SystemMetric): string {
  const { title } = SYSTEM_METRICS[metric];
  return /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}
