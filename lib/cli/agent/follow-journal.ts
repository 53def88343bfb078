import type { FollowIo } from './follow.ts';
import type { FollowOptions } from './follow-options.ts';
export async function followJournal(
  _o: FollowOptions,
  _j: { units: readonly string[] },
  _io: FollowIo,
): Promise<number> {
  return 1;
}
