import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { LineJoiner } from '@/lib/lines/line-joiner.ts';
import { logFromLine } from '@/lib/lines/log-from-line.ts';
import type { EventIntake } from './event-intake.ts';
import { type Line, LineSplitter } from './line-splitter.ts';

/** How long a text waits for a line that goes on with it, and what `tail -f` sends for being stored. */
const WAIT_MS = 100;

/**
 * Takes lines of text, one event a line, or one for the lines of a stack trace. Bytes that are no UTF-8 are replaced.
 * @param service of lines that name none
 */
export async function ingestText(
  bytes: AsyncIterable<Buffer>,
  intake: EventIntake,
  service: string | undefined,
): Promise<void> {
  const lines = new LineSplitter(EVENT_BYTES_MAX);
  const texts = new TextIntake(intake, service);
  let idle: NodeJS.Timeout | undefined;
  let flushed: Promise<void> = Promise.resolve();
  try {
    for await (const piece of bytes) {
      clearTimeout(idle);
      await flushed;
      await texts.take(lines.feed(piece));
      // Under an Idempotency-Key events are cut by the text alone. A failure is kept by the intake, which throws it later.
      if (intake.isNamed) continue;
      idle = setTimeout(() => {
        flushed = texts.flush().catch(() => undefined);
      }, WAIT_MS);
    }
  } finally {
    clearTimeout(idle);
    await flushed;
  }
  await texts.take(lines.end());
  await texts.flush();
}

/** Lines to events: what belongs together is joined, what it says is understood. */
class TextIntake {
  readonly #intake: EventIntake;
  readonly #service: string | undefined;
  readonly #joiner = new LineJoiner({ waitMs: WAIT_MS });
  #nowMs = 0;

  constructor(intake: EventIntake, service: string | undefined) {
    this.#intake = intake;
    this.#service = service;
  }

  async take(lines: readonly Line[]): Promise<void> {
    this.#nowMs = this.#intake.arrive();
    // A repeat of a request comes at another pace, and its lines have to be joined as before.
    const fedMs = this.#intake.isNamed ? 0 : this.#nowMs;
    for (const line of lines) {
      const texts = line === null ? this.#joiner.flush() : this.#joiner.feed(line, fedMs);
      if (texts.length > 0) await this.#takeTexts(texts);
      if (line === null) this.#intake.refuse(`expected a line of at most ${EVENT_BYTES_MAX} bytes`);
    }
  }

  /** Ends the text that is open, and sends all on its way. */
  async flush(): Promise<void> {
    await this.#takeTexts(this.#joiner.flush());
    await this.#intake.flush();
  }

  async #takeTexts(texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      const taken = this.#intake.take(logFromLine(text, { nowMs: this.#nowMs, service: this.#service }));
      if (taken) await taken;
    }
  }
}
