'use client';

import { type ReactNode, useId } from 'react';

type TooltipProps = { text: string; children: ReactNode; className?: string };

/** Explains what is hovered or focused. Pure CSS: nothing listens, nothing is measured. */
export function Tooltip({ text, children, className = '' }: TooltipProps) {
  const id = useId();
  return (
    <span className={`group/tip relative inline-flex min-w-0 ${className}`}>
      <span aria-describedby={id} className="inline-flex min-w-0">
        {children}
      </span>
      <span
        id={id}
        role="tooltip"
        className="pointer-events-none invisible absolute top-full right-0 z-40 mt-1 w-max max-w-64 rounded border border-line bg-raised px-2 py-1 text-[12px] text-ink-soft opacity-0 shadow-lg transition-opacity delay-300 group-focus-within/tip:visible group-focus-within/tip:opacity-100 group-hover/tip:visible group-hover/tip:opacity-100"
      >
        {text}
      </span>
    </span>
  );
}
