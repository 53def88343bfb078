'use client';

import { useEffect, useRef } from 'react';

export type Shortcuts = readonly (readonly [keys: string, run: () => void])[];

const TYPING = 'input, textarea, select, [contenteditable="true"]';
const PRESSABLE = 'button, a, summary';

/**
 * Single keys by `KeyboardEvent.key` ("Space" for " "), several with blanks between, heard on the whole page. A key is
 * left alone while someone types, while a dialog is open, with a modifier held, and where the focused control means
 * something else by it.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const newest = useRef(shortcuts);
  newest.current = shortcuts;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (document.querySelector('dialog[open]')) return;
      const key = event.key === ' ' ? 'Space' : event.key;
      const run = newest.current.find(([keys]) => keys.split(' ').includes(key))?.[1];
      if (!run || !(event.target instanceof Element)) return;
      if (event.target.closest(TYPING)) return;
      if ((key === 'Space' || key === 'Enter') && event.target.closest(PRESSABLE)) return;
      run();
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
