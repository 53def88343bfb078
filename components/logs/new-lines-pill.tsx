'use client';

import { ArrowDown } from 'lucide-react';
import { formatCounted } from '@/components/shell/format-count.ts';
import { type LogView, useLogState } from '@/lib/client/use-logs.ts';

type NewLinesPillProps = { view: LogView };

/** While the list stands still: how much has come since, and the way back. */
export function NewLinesPill({ view }: NewLinesPillProps) {
  const following = useLogState(view, (state) => state.following);
  const unseen = useLogState(view, (state) => state.unseen);
  if (following) return null;
  // A press on a line pauses, which puts this over the last lines: the release of that press is still the line's.
  return (
    <button
      type="button"
      onClick={() => view.follow()}
      data-testid="new-lines"
      className="absolute bottom-3 left-1/2 z-[5] flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full bg-accent px-4 peer-active:pointer-events-none text-[13px] font-medium whitespace-nowrap text-accent-ink shadow-lg hover:brightness-110"
    >
      {unseen > 0 ? formatCounted(unseen, 'new line') : 'Paused. Follow'}
      <ArrowDown size={14} aria-hidden />
    </button>
  );
}
