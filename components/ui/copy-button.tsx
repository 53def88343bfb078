'use client';

import { Check, Copy, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from './button.tsx';

const SHOWN_MS = 1600;

const LOOKS = {
  idle: { Icon: Copy, look: '' },
  copied: { Icon: Check, look: 'text-good' },
  failed: { Icon: X, look: 'text-bad' },
} as const;

const TITLES = { idle: undefined, copied: 'copied', failed: 'could not copy: select the text instead' } as const;

type CopyButtonProps = {
  text: string | (() => string);
  label: string;
  /** What is copied, where several buttons of a page have the same label. */
  of?: string;
};

/** Copies and says so. `text` may be a function, for texts that cost something to build. */
export function CopyButton({ text, label, of }: CopyButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'failed'>('idle');

  useEffect(() => {
    if (outcome === 'idle') return;
    const timer = setTimeout(() => setOutcome('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async () => {
    const isCopied = await copyText(typeof text === 'function' ? text() : text, button.current);
    setOutcome(isCopied ? 'copied' : 'failed');
  };
  const { Icon, look } = LOOKS[outcome];
  return (
    <>
      <Button
        ref={button}
        onClick={copy}
        aria-label={of === undefined ? undefined : `${label}: ${of}`}
        title={TITLES[outcome]}
      >
        <Icon size={13} aria-hidden className={look} />
        {label}
      </Button>
      {/* Beside the button: what is inside one is its name, and is not told when it changes. */}
      <span role="status" className="sr-only">
        {TITLES[outcome]}
      </span>
    </>
  );
}

/**
 * Browsers offer `navigator.clipboard` on https and localhost only; the old way works everywhere else.
 * @param button gets the focus back; under a modal dialog nothing outside the dialog can be selected
 */
async function copyText(text: string, button: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    (button?.closest('dialog') ?? document.body).append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    button?.focus();
    return copied;
  }
}
