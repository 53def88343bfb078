import type { ReactNode } from 'react';

type PanelProps = { id?: string; title: string; aside?: ReactNode; warning?: boolean; children: ReactNode };

/** A titled box; `aside` stands at the right of the title, `warning` marks what does harm. */
export function Panel({ title, aside, id, warning = false, children }: PanelProps) {
  return (
    <section
      id={id}
      aria-label={title}
      className={`min-w-0 shrink-0 rounded-md border bg-raised ${warning ? 'border-warn' : 'border-line'}`}
    >
      <div
        className={`flex min-h-8 flex-wrap items-center justify-between gap-x-3 border-b px-3 py-1 ${warning ? 'border-warn bg-warn-tint' : 'border-line'}`}
      >
        <h2 className="text-[13px] font-semibold">{title}</h2>
        {aside && <span className="text-[12px] text-ink-soft">{aside}</span>}
      </div>
      {children}
    </section>
  );
}

/** The sentence that stands where there is nothing to list. */
export function Calm({ children }: { children: ReactNode }) {
  return <p className="px-3 py-3 text-[13px] text-ink-soft">{children}</p>;
}
