import { reaches } from './cursor.ts';
import { CANCELLED, endOf, fetchStream } from './fetch-stream.ts';
import { FrameFeed } from './frame-feed.ts';
import { JSON_LINES } from './http-reader.ts';
import { JsonLines } from './json-frame.ts';
import type { ServerFrame } from './server-frame.ts';
import type { ReaderEnvironment, ReadRequest, StreamEnd, StreamReader } from './stream-reader.ts';
import { streamUrl } from './stream-url.ts';

/** Events that come meanwhile share the next answer: without it a busy stream is a request every 20 ms. */
const BETWEEN_MS = 100;
/** An answer so large was cut off by the server's bound (256 KiB): more is waiting, and whoever is behind does not pause. */
const FULL_CHARS = 128 * 1024;

/** Whoever is caught up learns that from the first answer, also through a proxy that holds a waiting one back whole. */
const AT_ONCE = { wait: '0' } as const;

/** One request after the other, each answered when there is something: it passes proxies that hand on only what is whole. */
export function pollReader(environment: ReaderEnvironment): StreamReader {
  return { name: 'poll', read: (request) => endOf(() => readPolls(environment, request)) };
}

async function readPolls(environment: ReaderEnvironment, request: ReadRequest): Promise<StreamEnd> {
  const { filter, signal, from, pause, breathe } = request;
  const polls = new PollSequence(request.lastEventId);
  for (;;) {
    const before = polls.cursor;
    const body = await fetchStream(environment, request, {
      url: streamUrl('/api/poll', filter, polls.cursor === undefined ? from : undefined, polls.isFirst ? AT_ONCE : {}),
      lastEventId: polls.cursor,
      ...JSON_LINES,
    });
    if ('again' in body) return body;
    const feed = new FrameFeed(request);
    const lines = new JsonLines((frame) => feed.push(...polls.take(frame)));
    let chars = 0;
    await feed.readBody(body, (text) => {
      chars += text.length;
      lines.take(text);
    });
    if (signal.aborted) return CANCELLED;
    // Without this an answer that is always empty would be asked for again and again, as fast as the line allows.
    if (!polls.isAnswered) return { again: true, cause: 'the server answered a poll with nothing' };
    polls.next();
    if (pause && polls.cursor !== before && chars < FULL_CHARS) await pause(BETWEEN_MS);
    else await breathe();
    if (signal.aborted) return CANCELLED;
  }
}

/** Makes one stream out of many answers, each of which begins as a stream does. */
class PollSequence {
  cursor: string | undefined;
  /** The answer at hand has brought what answers a poll: an event or a heartbeat, or, when it was not to wait, `live`. */
  isAnswered = false;
  isFirst = true;
  isCaughtUp = false;
  /** Head of the journal when the first answer began: what lies before it is caught up on. */
  #goal: string | undefined;

  constructor(cursor: string | undefined) {
    this.cursor = cursor;
  }

  next(): void {
    this.isAnswered = false;
    this.isFirst = false;
  }

  take(frame: ServerFrame): ServerFrame[] {
    if (frame.type === 'stream') return this.#begin(frame);
    if (frame.id !== undefined) this.cursor = frame.id;
    this.isAnswered ||= frame.type === 'event' || frame.type === 'heartbeat';
    if (frame.type === 'live') {
      this.isAnswered ||= this.isFirst;
      this.isCaughtUp = true;
    }
    const goal = this.#goal;
    // On a busy stream an answer is over before it comes to its `live`.
    if (this.isCaughtUp || goal === undefined || this.cursor === undefined || !reaches(goal, this.cursor))
      return [frame];
    this.isCaughtUp = true;
    return [frame, { type: 'live', id: undefined, data: { head: this.cursor } }];
  }

  #begin(frame: Extract<ServerFrame, { type: 'stream' }>): ServerFrame[] {
    const { state, from, head, missed = 0, reason } = frame.data;
    const asked = this.cursor;
    this.cursor = from;
    if (this.#goal === undefined) {
      this.#goal = head;
      this.isCaughtUp = state === 'live';
      return [frame];
    }
    const again: ServerFrame = { type: 'renewed', id: undefined, data: frame.data };
    if (state !== 'gap' && state !== 'reset') return [again];
    if (state === 'reset') this.#goal = head;
    const why = reason ?? (state === 'reset' ? 'epoch' : 'retention');
    return [again, { type: 'gap', id: from, data: { from: asked ?? from, to: from, missed, reason: why } }];
  }
}
