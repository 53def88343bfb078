import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatCount } from '@/components/shell/format-count.ts';
import { SHED_STEPS, type SystemReport, type SystemSample } from '@/lib/wire/system-pages.ts';
import { limitsOf, toneOf } from './limits.ts';
import { Panel } from './panel.tsx';
import { sampleValue } from './sample-columns.ts';
import { SHED_SENTENCES } from './shed-sentences.ts';
import { Bar } from './table.tsx';

const BAR_COLOUR = { good: 'var(--good)', neutral: 'var(--accent)', warn: 'var(--warn)', bad: 'var(--bad)' } as const;

type MemoryPanelProps = { report: SystemReport; samples: readonly SystemSample[] };

/** How near the soft limit is, and what is given back, in this order, when it is passed. */
export function MemoryPanel({ report, samples }: MemoryPanelProps) {
  const { softMaxBytes, shed, sheds } = report.memory;
  const newest = samples.at(-1);
  const rssBytes = newest ? sampleValue(newest, 'rssBytes') : null;
  const reached = SHED_STEPS.indexOf(shed);
  return (
    <Panel
      title="Memory given back"
      aside={sheds === 0 ? 'not needed so far' : sheds === 1 ? 'needed once' : `needed ${formatCount(sheds)} times`}
    >
      <div className="px-3 py-2 text-[12px]">
        <p className="mb-1 text-ink-soft">
          {rssBytes === null ? '–' : formatValue(rssBytes, 'By')} of {formatValue(softMaxBytes, 'By')}, the soft limit
        </p>
        <Bar
          share={(rssBytes ?? 0) / softMaxBytes}
          colour={BAR_COLOUR[toneOf(rssBytes ?? undefined, limitsOf('rssBytes', report))]}
        />
        <ol className="mt-2 flex flex-col gap-1">
          {SHED_STEPS.slice(1).map((step, index) => {
            const { title, means } = SHED_SENTENCES[step];
            const active = index < reached;
            return (
              <li key={step} className="flex gap-2">
                <span className={`w-12 shrink-0 ${active ? 'font-medium text-bad' : 'text-ink-faint'}`}>
                  {active ? 'active' : `step ${index + 1}`}
                </span>
                <span className="min-w-0">
                  <span className="font-medium">{title}.</span> <span className="text-ink-soft">{means}</span>
                </span>
              </li>
            );
          })}
        </ol>
      </div>
    </Panel>
  );
}
