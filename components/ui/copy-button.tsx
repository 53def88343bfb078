'use client';

import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

const SHOWN_MS = 1600;

type CopyButtonProps = { text: string | (() => string); label: string; className?: string };

/** Copies and says so. `text` may be a function, for texts that cost something to build. */
export function CopyButton({ text, label, className = '' }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'failed'>('idle');

  useEffect(() => {
    if (outcome === 'idle') return;
    const timer = setTimeout(() => setOutcome('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async () => {
    setOutcome((await copyText(typeof text === 'function' ? text() : text)) ? 'copied' : 'failed');
  };
  const Icon = outcome === 'copied' ? Check : Copy;
  return (
    <Button onClick={copy} className={className}>
      <Icon size={13} aria-hidden />
      {label}
      <span role="status" className="sr-only">
        {outcome === 'copied' ? 'copied' : outcome === 'failed' ? 'could not copy' : ''}
      </span>
    </Button>
  );
}

/** Browsers offer `navigator.clipboard` on https and localhost only; the old way works everywhere else. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
