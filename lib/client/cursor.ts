import { parsePosition } from '@/lib/core/position.ts';

/** Difference of two positions in events; undefined when they belong to different journals or are no positions. */
export function distance(from: string, to: string): number | undefined {
  const a = parsePosition(from);
  const b = parsePosition(to);
  return a && b && a.epoch === b.epoch ? b.seq - a.seq : undefined;
}

/** True when `position` lies at or before `cursor` in the same journal. */
export function reaches(position: string, cursor: string): boolean {
  const ahead = distance(position, cursor);
  return ahead !== undefined && ahead >= 0;
}

/**
 * The cursor from which one stream serves all: the smallest. Cursors of another journal than `epoch` come first: the
 * server answers them with a reset, which moves their owners into the current journal, and who then misses something
 * asks again.
 */
export function earliest(cursors: readonly string[], epoch: string | undefined): string | undefined {
  const foreign = cursors.filter((cursor) => epoch !== undefined && parsePosition(cursor)?.epoch !== epoch);
  const candidates = foreign.length > 0 ? foreign : cursors;
  return candidates.reduce<string | undefined>((best, cursor) => {
    if (best === undefined) return cursor;
    return (distance(best, cursor) ?? 0) < 0 ? cursor : best;
  }, undefined);
}
