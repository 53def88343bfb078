import { formatClock } from '@/components/logs/log-time.ts';
import { formatDuration } from '@/components/shell/format-count.ts';
import { TONE_TEXT, type Tone } from '@/components/ui/badge.tsx';
import { ScrollRegion } from '@/components/ui/scroll-region.tsx';
import type { TransportTry } from '@/lib/client/transport-try.ts';
import { TRANSPORT_WORDS } from '@/lib/client/transport-words.ts';
import { trySentence } from './try-words.ts';

const HEAD = 'px-2 py-1.5 text-left font-medium text-ink-faint whitespace-nowrap first:pl-3 sm:px-3';
const CELL = 'px-2 py-1.5 whitespace-nowrap first:pl-3 sm:px-3';
/** On a phone the sentence needs the room. */
const WIDE = 'max-sm:hidden';

const TONES: Readonly<Record<TransportTry['outcome'], Tone>> = {
  trying: 'neutral',
  open: 'good',
  ended: 'neutral',
  failed: 'bad',
};

/** Every attempt to read the stream, newest first. */
export function TryTable({ tried, nowMs }: { tried: readonly TransportTry[]; nowMs: number }) {
  if (tried.length === 0) return null;
  return (
    <ScrollRegion label="Transports tried, scrollable" className="max-h-56 overflow-auto border-line border-t">
      <table className="w-full text-[12px]">
        <caption className="sr-only">Transports tried, newest first</caption>
        <thead>
          <tr>
            {['Tried at', 'Transport', 'For', 'How it went'].map((name) => (
              <th key={name} scope="col" className={`${HEAD} ${name === 'For' ? WIDE : ''}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...tried].reverse().map((one) => (
            <tr key={`${one.atMs} ${one.transport}`} className="border-line border-t align-top">
              <td className={`${CELL} font-mono`}>{formatClock(one.atMs, 'local')}</td>
              <td className={CELL}>{TRANSPORT_WORDS[one.transport]}</td>
              <td className={`${CELL} ${WIDE}`}>{formatDuration(Math.max(0, (one.endedAtMs ?? nowMs) - one.atMs))}</td>
              <td className={`${CELL} w-full min-w-40 whitespace-normal! ${TONE_TEXT[TONES[one.outcome]]}`}>
                {trySentence(one)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
