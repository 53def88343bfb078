import type { LogState } from '@/lib/client/state.ts';
import { TOP_PX } from './row-window.ts';

type OlderLinesProps = { older: LogState['older']; onOlder: () => void };

/** The line above the first row: what is known about the lines before it. */
export function OlderLines({ older, onOlder }: OlderLinesProps) {
  const button = (words: string) => (
    <button
      type="button"
      className="rounded px-2 text-ink-soft underline-offset-2 hover:bg-hover hover:underline"
      onClick={onOlder}
    >
      {words}
    </button>
  );
  return (
    <div
      className="flex shrink-0 items-center justify-center gap-2 font-sans text-[12px] text-ink-faint"
      style={{ height: TOP_PX }}
    >
      {older === 'idle' && button('Load older lines')}
      {older === 'loading' && <span role="status">Loading older lines…</span>}
      {older === 'end' && <span>Nothing older is kept</span>}
      {typeof older === 'object' && (
        <>
          <span role="alert" className="truncate text-bad">
            {older.error}
          </span>
          {button('Try again')}
        </>
      )}
    </div>
  );
}
