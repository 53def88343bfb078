import type { Run } from './ansi-runs.ts';
import { Highlight } from './highlight.tsx';
import { matchParts } from './match-parts.ts';

/** The text in its colours, with what was searched for marked, also where it changes its colour in the middle. */
export function ColouredText({ runs, search }: { runs: readonly Run[]; search: string }) {
  const text = runs.map((run) => run.text).join('');
  if (runs.every(({ className }) => className === '')) return <Highlight text={text} search={search} />;
  return cut(runs, text, search).map(({ start, text: piece, className, matches }) =>
    matches ? (
      <mark key={start}>{piece}</mark>
    ) : (
      <span key={start} className={className}>
        {piece}
      </span>
    ),
  );
}

/** A part of one look, which was searched for or not; `start`: where it stands in the text. */
type Piece = Run & { readonly start: number; readonly matches: boolean };

/** Cuts where the colour changes, and where a match begins or ends. */
function cut(runs: readonly Run[], text: string, search: string): Piece[] {
  const parts = matchParts(text, search);
  const pieces: Piece[] = [];
  let place = 0;
  let partAt = 0;
  let partEnd = parts[0]?.text.length ?? 0;
  for (const run of runs) {
    const runEnd = place + run.text.length;
    while (place < runEnd) {
      const end = Math.min(runEnd, partEnd);
      const matches = parts[partAt]?.matches ?? false;
      pieces.push({ start: place, text: text.slice(place, end), className: run.className, matches });
      place = end;
      if (place < partEnd) continue;
      partAt += 1;
      partEnd += parts[partAt]?.text.length ?? text.length;
    }
  }
  return pieces;
}
