import { CircleCheck, CircleDashed, CircleX, PlugZap } from 'lucide-react';
import Link from 'next/link';
import { addressOfFilter } from '@/components/logs/log-url.ts';
import { FILTER_SERVICES_MAX } from '@/lib/core/filter.ts';
import { type GuideState, heardSentence, refusedSentence } from './guide-state.ts';
import type { Guide } from './snippet.ts';

const LOOKS = {
  waiting: { Icon: CircleDashed, frame: 'border-line-strong bg-surface', words: 'text-ink', title: 'Nothing yet' },
  busy: { Icon: CircleDashed, frame: 'border-line-strong bg-surface', words: 'text-ink', title: 'Nothing new yet' },
  off: { Icon: PlugZap, frame: 'border-warn bg-warn-tint', words: 'text-warn', title: 'Nothing can come yet' },
  heard: { Icon: CircleCheck, frame: 'border-good bg-good-tint', words: 'text-good', title: 'It works' },
  refused: { Icon: CircleX, frame: 'border-bad bg-bad-tint', words: 'text-bad', title: 'It came, and was refused' },
} as const;

const ADVICE = {
  waiting: 'Waiting for the first byte: run the lines below, and this turns green.',
  busy: 'Something comes this way already. A new sender, or a new service, turns this green.',
  off: 'The listener for it is off; how to open it stands below.',
  heard: '',
  refused: '',
} as const;

type GuideStatusProps = { guide: Guide; state: GuideState; nowMs: number };

/**
 * Whether what was copied works: it turns green with the first byte, and stays in sight while one scrolls. Its height has
 * room for a refusal, so that the lines below do not jump when one comes.
 */
export function GuideStatus({ guide, state, nowMs }: GuideStatusProps) {
  const { Icon, frame, words, title } = LOOKS[state.name];
  const heard = 'heard' in state ? state.heard : undefined;
  const error = 'error' in state ? state.error : heard?.error;
  return (
    <section
      aria-label="Does it work?"
      data-testid="guide-status"
      data-state={state.name}
      className={`sticky top-0 z-10 mb-3 flex min-h-[76px] gap-2 rounded-md border px-3 py-2 text-[13px] max-sm:min-h-[110px] ${frame}`}
    >
      <Icon size={16} aria-hidden className={`mt-0.5 shrink-0 ${words}`} />
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        {/* The state alone is told: the numbers below change every second. */}
        <p role="status" className={`font-medium ${words}`}>
          {title}
        </p>
        <div className="text-[12px]">
          <p>{heard ? heardSentence(heard, nowMs) : ADVICE[state.name]}</p>
          {error && <p className="text-bad">{refusedSentence(error)}</p>}
          {heard && heard.accepted > 0 && <WhereToLook guide={guide} services={heard.services} />}
        </div>
      </div>
    </section>
  );
}

function WhereToLook({ guide, services }: { guide: Guide; services: readonly string[] }) {
  const named = services.slice(0, FILTER_SERVICES_MAX);
  const lines = addressOfFilter({ kind: 'log', ...(named.length > 0 && { services: named }) });
  return (
    <Link
      href={guide.isOfMetrics ? '/metrics' : lines}
      prefetch={false}
      className="text-accent underline underline-offset-2"
    >
      {guide.isOfMetrics ? 'see the charts' : 'see the lines'}
    </Link>
  );
}
