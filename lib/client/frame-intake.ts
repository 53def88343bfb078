import type { BatchWriter } from './batch-writer.ts';
import type { Continuity } from './continuity.ts';
import type { ReportKeeper } from './report-keeper.ts';
import type { ServerFrame } from './server-frame.ts';

export type ControlFrame = Exclude<ServerFrame, { type: 'event' }>;

export type IntakeParts = {
  readonly continuity: Continuity;
  readonly writer: BatchWriter;
  readonly keeper: ReportKeeper;
  onControl(frame: ControlFrame): void;
};

/** Events go through the proof of continuity to the writer, counted; a control frame between them finds them counted. */
export class FrameIntake {
  readonly #parts: IntakeParts;
  #uncounted = 0;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** @param isOpen false once a control frame has dropped the line: the rest is for nobody */
  take(frames: readonly ServerFrame[], isOpen: () => boolean): void {
    const { continuity, writer, onControl } = this.#parts;
    for (const frame of frames) {
      if (!isOpen()) break;
      if (frame.type === 'event') {
        if (!continuity.accept(frame.event)) continue;
        this.#uncounted += 1;
        writer.event(frame.event);
      } else {
        this.#count();
        onControl(frame);
      }
    }
    this.#count();
    writer.flushIfDue();
  }

  #count(): void {
    const { keeper } = this.#parts;
    keeper.events(this.#uncounted, keeper.report.phase === 'replaying');
    this.#uncounted = 0;
  }
}
