import { isRoutine } from '@/lib/client/goodbye.ts';
import type { ConnectionItem } from '@/lib/client/node/items.ts';
import { harmless } from './harmless.ts';

type GapItem = Extract<ConnectionItem, { type: 'gap' | 'reset' }>;
type LiveItem = Extract<ConnectionItem, { type: 'live' }>;

const REASONS: Readonly<Record<GapItem['gap']['reason'], string>> = {
  retention: 'their retention was over',
  epoch: 'the journal began anew',
  future: 'the journal went back',
  malformed: 'the position was not understood',
  'not-stored': 'what was shown last had not been stored',
  unannounced: 'the server did not say why',
};

/** Says in words what happens to a tail: once for each thing that happens, however often it is tried again. */
export class TailVoice {
  readonly #url: string;
  readonly #tell: (sentence: string) => void;
  #isFollowing = false;
  /** What was said about the present loss of the server. */
  #lostBy: string | undefined;

  constructor(url: string, tell: (sentence: string) => void) {
    this.#url = url;
    this.#tell = tell;
  }

  say(sentence: string): void {
    this.#tell(`-- ${harmless(sentence)}`);
  }

  /** The server cannot be reached, or the stream broke. What belongs to a healthy stream's life is not worth a word. */
  lost(cause: string): void {
    if (isRoutine(cause) || this.#lostBy !== undefined) return;
    this.#lostBy = cause;
    this.say(`${this.#isFollowing ? 'connection lost' : `no connection to ${this.#url}`}: ${cause}; trying again`);
  }

  live(transport: string, { downMs, lost }: LiveItem): void {
    const wasLost = this.#lostBy !== undefined;
    this.#lostBy = undefined;
    if (!this.#isFollowing) this.say(`following ${this.#url} (${transport})`);
    else if (wasLost && downMs !== undefined) {
      const after = `connection restored after ${(downMs / 1000).toFixed(1)} s (${transport})`;
      this.say(`${after}; ${lost === 0 ? 'nothing lost' : `${count(lost)} lost`}`);
    }
    this.#isFollowing = true;
  }

  gap({ type, gap }: GapItem): void {
    const missing = `${count(gap.missed)} missing`;
    const because = REASONS[gap.reason] ?? gap.reason;
    if (type === 'gap') this.say(`gap: ${missing}: ${because}`);
    else this.say(`a new journal begins here: ${because}${gap.missed > 0 ? `; ${missing}` : ''}`);
  }
}

/** The same whatever the locale. */
function count(events: number): string {
  return `${events.toLocaleString('en-US')} ${events === 1 ? 'event' : 'events'}`;
}
