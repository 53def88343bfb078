import { formatCount } from '@/components/shell/format-count.ts';
import type { TransportTry } from '@/lib/client/transport-try.ts';

/** How a try went, in one sentence. While it is under way, why it was begun. */
export function trySentence({ outcome, why, times }: Pick<TransportTry, 'outcome' | 'why' | 'times'>): string {
  const often = times === 1 ? '' : ` (${formatCount(times)} times)`;
  if (outcome === 'trying') return `being tried: ${why}`;
  if (outcome === 'open') return `in use: ${why}`;
  return `${outcome === 'failed' ? 'failed: ' : ''}${why}${often}`;
}

export function switchesSentence(switches: number): string {
  if (switches === 0) return 'The running stream has not changed its transport.';
  const often = switches === 1 ? 'once' : `${formatCount(switches)} times`;
  return `The running stream has changed its transport ${often}, each time where it stood.`;
}
