import Link from 'next/link';
import { Badge, TONE_TEXT } from '@/components/ui/badge.tsx';
import { figuresOf, figureWord, isWhole, type TestRun } from './test-line.ts';

/** How the test line fares: three figures that fill in, each in a place of its own. */
export function TestLinePanel({ run }: { run: TestRun }) {
  const { answer, failure } = run;
  const isHeld = answer?.line.durable === false;
  const tone = failure !== undefined ? 'bad' : isHeld ? 'warn' : isWhole(run) ? 'good' : 'neutral';
  const state = failure !== undefined ? 'failed' : isWhole(run) ? 'arrived' : 'on its way';
  return (
    <section
      aria-label="Test line"
      data-testid="test-line"
      data-state={state}
      className="mt-2 rounded border border-line bg-raised px-3 py-1.5 text-[13px]"
    >
      <div className="flex min-h-6 flex-wrap items-center gap-x-5 gap-y-1">
        <span role="status">
          <Badge tone={tone} pulsing={state === 'on its way'}>
            <span className={`font-medium ${TONE_TEXT[tone]}`}>Test line {state}</span>
          </Badge>
        </span>
        <dl className="flex flex-wrap gap-x-5">
          {figuresOf(run).map(({ name, meaning, ms }) => (
            <div key={name} className="flex gap-1.5" title={meaning}>
              <dt className="text-ink-soft">{name}</dt>
              <dd data-figure={name} className="min-w-14 font-medium">
                {ms === undefined ? '…' : figureWord(ms)}
              </dd>
            </div>
          ))}
        </dl>
        {answer && (
          <span className="text-[12px] text-ink-faint">
            at {answer.line.position} ·{' '}
            <Link
              href={`/logs?at=${encodeURIComponent(answer.line.position)}`}
              prefetch={false}
              className="text-accent underline underline-offset-2"
            >
              see the line
            </Link>
          </span>
        )}
      </div>
      {isHeld && (
        <p className="text-warn">
          The history is away: the line is held in memory, and stored once the history is back.
        </p>
      )}
      {failure !== undefined && <p className="text-bad [overflow-wrap:anywhere]">{failure}</p>}
    </section>
  );
}
