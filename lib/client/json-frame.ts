import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { frameOf, type ServerFrame } from './server-frame.ts';

/** The server's frame as JSON: `{"event":…,"id"?:…,"data":…}`. Throws when it is something else. */
export function jsonFrame(value: unknown): ServerFrame {
  if (typeof value !== 'object' || value === null) throw new Error('the server sent a frame that is no object');
  const { event, id, data } = value as { event?: unknown; id?: unknown; data?: unknown };
  const name = typeof event === 'string' ? event : undefined;
  const frame = frameOf(name, typeof id === 'string' ? id : undefined, () => data);
  // An event's id is its own position, and is not sent twice.
  return frame.type === 'event' ? { ...frame, id: frame.event.position } : frame;
}

/** A frame a line, out of text that is cut anywhere. */
export class JsonLines {
  readonly #onFrame: (frame: ServerFrame) => void;
  #rest = '';

  constructor(onFrame: (frame: ServerFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** Throws for a line that is no frame, or that is longer than one can be. */
  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.#onFrame(jsonFrame(JSON.parse(line)));
    if (this.#rest.length > 2 * EVENT_BYTES_MAX) throw new Error('the server sent a frame that is too large');
  }
}
