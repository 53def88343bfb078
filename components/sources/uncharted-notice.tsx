import { TriangleAlert } from 'lucide-react';
import { formatCount } from '@/components/shell/format-count.ts';
import { plain } from '@/components/ui/plain-text.ts';
import type { UnchartedSamples } from '@/lib/wire/source-pages.ts';
import { unchartedSentence } from './source-words.ts';

/** Samples that are in no chart: without a word here a chart would be wrong and look right. */
export function UnchartedNotice({ uncharted }: { uncharted: UnchartedSamples }) {
  const sentence = unchartedSentence(uncharted);
  if (sentence === undefined) return null;
  return (
    <div
      role="note"
      data-testid="uncharted"
      className="mt-2 flex gap-2 rounded border border-warn bg-warn-tint px-3 py-1.5 text-[13px]"
    >
      <TriangleAlert size={15} aria-hidden className="mt-0.5 shrink-0 text-warn" />
      <div className="min-w-0">
        <p>
          {sentence} <span className="text-ink-soft">They are in the journal all the same.</span>
        </p>
        <ul className="flex flex-wrap gap-x-4 text-[12px] text-ink-soft">
          {uncharted.worst.map(({ service, name, samples }) => (
            <li key={`${service} ${name}`} className="min-w-0 [overflow-wrap:anywhere]">
              <span className="font-mono">{plain(name)}</span> of {plain(service)}: {formatCount(samples)}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
