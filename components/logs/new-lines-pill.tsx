import { ArrowDown } from 'lucide-react';
import { formatCounted } from '@/components/shell/format-count.ts';

type NewLinesPillProps = { following: boolean; unseen: number; onFollow: () => void };

/** While the list stands still: how much has come since, and the way back. */
export function NewLinesPill({ following, unseen, onFollow }: NewLinesPillProps) {
  if (following) return null;
  return (
    <button
      type="button"
      onClick={onFollow}
      data-testid="new-lines"
      className="absolute bottom-3 left-1/2 z-[5] flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full bg-accent px-4 text-[13px] font-medium whitespace-nowrap text-accent-ink shadow-lg hover:brightness-110"
    >
      {unseen > 0 ? formatCounted(unseen, 'new line') : 'Paused. Follow'}
      <ArrowDown size={14} aria-hidden />
    </button>
  );
}
