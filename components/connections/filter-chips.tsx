import type { ConnectionRow } from '@/lib/wire/connection-pages.ts';
import { filterWords } from './filter-words.ts';

/** The conditions of a filter, one beside the other on one line; what does not fit is in the title. */
export function FilterChips({ filter }: Pick<ConnectionRow, 'filter'>) {
  const [first, ...more] = filter.services ?? [];
  // Many services are one chip, or none of them could be read.
  const words = filterWords({ ...filter, services: first === undefined ? undefined : [first] });
  if (words.length === 0) return <span className="text-ink-faint">everything</span>;
  return (
    <span className="flex gap-1 overflow-hidden" title={filterWords(filter).join('  ')}>
      {words.map((word, index) => (
        <span
          key={word}
          className={`rounded border border-line bg-sunken px-1 text-[11px] leading-[18px] ${index === words.length - 1 ? 'min-w-0 truncate' : 'max-w-full shrink-0 truncate'}`}
        >
          {word}
        </span>
      ))}
      {more.length > 0 && <span className="shrink-0 text-[11px] leading-5 text-ink-soft">+{more.length}</span>}
    </span>
  );
}
