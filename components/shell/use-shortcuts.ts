'use client';

import { useEffect, useRef } from 'react';

export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const TYPING = 'input, textarea, select, [contenteditable="true"]';
const PRESSABLE = 'button, a, summary, [role="option"]';

/**
 * Single keys, by `KeyboardEvent.key` ("j", " ", "Escape"), heard on the whole page. A key is left alone while someone
 * types, while a dialog is open, with a modifier held, and where the focused control means something else by it.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const newest = useRef(shortcuts);
  newest.current = shortcuts;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (document.querySelector('dialog[open]')) return;
      const run = newest.current[event.key];
      if (!run || !(event.target instanceof Element)) return;
      if (event.target.closest(TYPING) && event.key !== 'Escape') return;
      if ((event.key === ' ' || event.key === 'Enter') && event.target.closest(PRESSABLE)) return;
      run(event);
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
