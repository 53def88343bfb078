import type { AgentVoice } from './agent-voice.ts';
import type { Batch } from './batch.ts';
import type { Delivery } from './batch-poster.ts';

/** What became of everything that was sent. */
export class SendTotals {
  readonly #voice: Pick<AgentVoice, 'refused'>;
  accepted = 0;
  refused = 0;
  bytes = 0;

  constructor(voice: Pick<AgentVoice, 'refused'>) {
    this.#voice = voice;
  }

  add(where: string, batch: Pick<Batch, 'from' | 'to'>, { accepted, rejected, errors }: Delivery): void {
    this.accepted += accepted;
    this.refused += rejected;
    this.bytes += batch.to - batch.from;
    this.#voice.refused(where, rejected, errors);
  }
}
