'use client';

import { type ReactNode, useEffect, useRef } from 'react';
import { ScrollRegion } from './scroll-region.tsx';

type DetailPaneProps = {
  /** "Connection": names the pane and what scrolls in it. */
  what: string;
  testId: string;
  /** Another one begins at its top. */
  contentKey: string;
  /** For what needs more room than facts. */
  isWide?: boolean;
  heading: ReactNode;
  children: ReactNode;
};

/** What is known of one row: at the right on wide screens, a sheet from the bottom on narrow ones. */
export function DetailPane({ what, testId, contentKey, isWide = false, heading, children }: DetailPaneProps) {
  const content = useRef<HTMLElement>(null);
  const shown = useRef(contentKey);
  useEffect(() => {
    if (shown.current === contentKey) return;
    shown.current = contentKey;
    // Scrolled back, not made anew: whatever has the focus in it keeps it.
    content.current?.scrollTo({ top: 0 });
  }, [contentKey]);
  return (
    <aside
      aria-label={`${what} details`}
      data-testid={testId}
      className={`z-20 flex min-h-0 flex-col border-line bg-raised max-lg:shrink-0 max-lg:rounded-t-xl max-lg:border-t max-lg:shadow-2xl lg:shrink-0 lg:border-l ${isWide ? 'max-lg:h-3/4 lg:w-[min(44rem,50vw)]' : 'max-lg:h-3/5 lg:w-[min(26rem,38vw)]'}`}
    >
      <div className="flex h-10 shrink-0 items-center gap-3 border-line border-b px-3 text-[13px]">{heading}</div>
      <ScrollRegion
        ref={content}
        label={`${what} content`}
        className="min-h-0 flex-1 overflow-y-auto p-3 -outline-offset-2"
      >
        {children}
      </ScrollRegion>
    </aside>
  );
}
