import type { Level } from '@/lib/core/level.ts';

const LOOKS: Readonly<Record<Level, string>> = {
  trace: 'text-(--level-trace)',
  debug: 'text-(--level-debug)',
  info: 'text-(--level-info)',
  warn: 'font-semibold text-(--level-warn)',
  error: 'font-semibold text-(--level-error)',
  fatal: 'font-semibold rounded-sm bg-(--bad-fill) leading-[18px] h-[18px] mt-0.5 text-white',
};

/** Lines from `warn` up carry a tint, so that trouble shows in the rhythm of the page before it is read. */
export const LEVEL_TINTS: Readonly<Record<Level, string>> = {
  trace: '',
  debug: '',
  info: '',
  warn: 'bg-warn-tint',
  error: 'bg-bad-tint',
  fatal: 'bg-bad-tint',
};

/** The level as a word of five letters on wide screens, as its first letter on phones. */
export function LevelLabel({ level }: { level: Level }) {
  return (
    <span className={`w-[1.6ch] shrink-0 text-center uppercase sm:w-[6ch] ${LOOKS[level]}`}>
      <span aria-hidden className="sm:hidden">
        {level[0]}
      </span>
      <span className="max-sm:sr-only">{level}</span>
    </span>
  );
}

/** The level as a word in running text. */
export function LevelWord({ level }: { level: Level }) {
  return <span className={`px-1 uppercase ${LOOKS[level]}`}>{level}</span>;
}
