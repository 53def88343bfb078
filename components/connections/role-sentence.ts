import type { TabRole } from '@/lib/client/state.ts';

/** Why there is one stream, and what this tab has to do with it. */
export function roleSentence(role: TabRole, tabs: number): string {
  const others = tabs - 1;
  const tabWords = `${others} other ${others === 1 ? 'tab' : 'tabs'}`;
  if (role === 'alone') return 'This tab has a stream of its own: the browser cannot share one between tabs here.';
  if (role === 'follower')
    return `Another tab holds the one stream of this browser; this tab and the rest (${tabs} in all) read along with it.`;
  if (others <= 0) return 'This tab holds the one stream of this browser; more tabs would share it.';
  return `This tab holds the one stream of this browser and passes it on to ${tabWords}.`;
}
