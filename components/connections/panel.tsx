import type { ReactNode } from 'react';

/** A titled part of a screen. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0 rounded-md border border-line bg-raised">
      <h2 className="border-line border-b px-3 py-1.5 text-[13px] font-semibold">{title}</h2>
      {children}
    </section>
  );
}
