import { CircleCheck, CircleDashed, CircleX, PlugZap } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatCount, formatDuration } from '@/components/shell/format-count.ts';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { Heard } from './hearing.ts';
import { openingCommand, type Snippet } from './snippet.ts';
import { errorWord } from './source-words.ts';

type SnippetCardProps = {
  snippet: Snippet;
  /** Its listener is there. */
  isOpen: boolean;
  heard: Heard | undefined;
  nowMs: number;
};

/** Lines to copy, and below them what has come since: the frame turns green with the first byte. */
export function SnippetCard({ snippet, isOpen, heard, nowMs }: SnippetCardProps) {
  const { title, text, note, door } = snippet;
  const state = heard === undefined ? (isOpen ? 'waiting' : 'off') : isRefused(heard) ? 'refused' : 'heard';
  return (
    <section
      aria-label={title}
      data-testid="snippet"
      data-state={state}
      className={`mb-3 overflow-hidden rounded-md border bg-surface ${FRAMES[state]}`}
    >
      <div className="flex items-center justify-between gap-2 border-line border-b px-3 py-1">
        <h3 className="text-[12px] font-medium text-ink-soft">{title}</h3>
        <CopyButton label="Copy" text={text} />
      </div>
      <pre className="p-3 font-mono text-[12px] [overflow-wrap:anywhere] whitespace-pre-wrap">{text}</pre>
      {note && <p className="px-3 pb-2 text-[12px] text-ink-soft">{plain(note)}</p>}
      {!isOpen && door && (
        <p className="px-3 pb-2 text-[12px] text-warn">
          This listener is off. Start the server with <code className="font-medium">{openingCommand(door)}</code>
        </p>
      )}
      <p role="status" className={`flex min-h-8 gap-1.5 border-line border-t px-3 py-1.5 text-[12px] ${WORDS[state]}`}>
        <Status state={state} heard={heard} nowMs={nowMs} />
      </p>
    </section>
  );
}

type State = 'waiting' | 'off' | 'heard' | 'refused';

const FRAMES: Readonly<Record<State, string>> = {
  waiting: 'border-line',
  off: 'border-line',
  heard: 'border-good',
  refused: 'border-bad',
};
const WORDS: Readonly<Record<State, string>> = {
  waiting: 'text-ink-faint',
  off: 'text-ink-faint',
  heard: 'text-good',
  refused: 'text-bad',
};
const ICONS = { waiting: CircleDashed, off: PlugZap, heard: CircleCheck, refused: CircleX } as const;

/** Something came, and none of it was taken. */
function isRefused({ accepted, error }: Heard): boolean {
  return accepted === 0 && error !== undefined;
}

function Status({ state, heard, nowMs }: { state: State; heard: Heard | undefined; nowMs: number }): ReactNode {
  const Icon = ICONS[state];
  return (
    <>
      <Icon size={14} aria-hidden className="mt-0.5 shrink-0" />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        {heard
          ? heardSentence(heard, nowMs)
          : state === 'off'
            ? 'Nothing can come yet.'
            : 'Waiting for the first byte…'}
      </span>
    </>
  );
}

/** "first byte 0.4 s ago from 127.0.0.1: 3 accepted, 1 rejected; last answer: 400 · …" */
export function heardSentence(heard: Heard, nowMs: number): string {
  const { firstMs, address, accepted, rejected, error } = heard;
  const counts = `${formatCount(accepted)} accepted${rejected > 0 ? `, ${formatCount(rejected)} rejected` : ''}`;
  const refused = error ? `; the sender was told: ${errorWord(error)}` : '';
  return `first byte ${shortly(nowMs - firstMs)} ago from ${plain(address)}: ${counts}${refused}`;
}

/** In tenths at first: how quick it was is the point. */
function shortly(ageMs: number): string {
  return ageMs < 1000 ? `${(Math.max(0, ageMs) / 1000).toFixed(1)} s` : formatDuration(ageMs);
}
