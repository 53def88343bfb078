import type { Acknowledgement } from '@/lib/wire/acknowledgement.ts';
import { RequestLane } from './request-lane.ts';
import type { Tally } from './tally.ts';
import type { Target, Viewer } from './viewer.ts';

const LANES = 4;
/** Beyond it the oldest is dropped: a late acknowledgement says nothing that the next one does not. */
const QUEUE_MAX = 2000;

/** Sends the acknowledgements of all viewers of a process over a few kept connections. */
export class AckSender {
  readonly #tally: Tally;
  readonly #lanes: readonly RequestLane[];
  readonly #queue: Viewer[] = [];
  /** A server that knows no acknowledgements is not asked a thousand times. */
  isSupported = true;
  #isClosed = false;

  constructor(target: Target, tally: Tally) {
    this.#tally = tally;
    this.#lanes = Array.from({ length: LANES }, () => new RequestLane(target));
  }

  /** Queues those that are due: once a heartbeat interval each. */
  tick(viewers: Iterable<Viewer>, nowMs: number): void {
    if (!this.#isActive) return;
    for (const viewer of viewers) {
      if (!viewer.isOpen || nowMs < viewer.ackDueMs) continue;
      viewer.ackDueMs = nowMs + viewer.ackMs;
      this.#queue.push(viewer);
      if (this.#queue.length > QUEUE_MAX) this.#queue.shift();
    }
    for (const lane of this.#lanes) if (!lane.isBusy && this.#queue.length > 0) void this.#drain(lane);
  }

  close(): void {
    this.#isClosed = true;
    for (const lane of this.#lanes) lane.close();
  }

  get #isActive(): boolean {
    return this.isSupported && !this.#isClosed;
  }

  async #drain(lane: RequestLane): Promise<void> {
    for (let viewer = this.#queue.shift(); viewer && this.#isActive; viewer = this.#queue.shift()) {
      if (viewer.isOpen) await this.#send(lane, viewer);
    }
  }

  async #send(lane: RequestLane, viewer: Viewer): Promise<void> {
    const { connectionId, heartbeat, reconnects } = viewer;
    const position = viewer.scanner.lastEventId;
    if (connectionId === undefined || position === undefined) return;
    const ack: Acknowledgement = {
      position,
      ...(heartbeat && { heartbeat: { time: heartbeat.time, heldMs: performance.now() - heartbeat.atMs } }),
      reconnects,
    };
    const path = `/api/connections/${connectionId}/ack`;
    try {
      const { head } = await lane.post(path, 'application/json', JSON.stringify(ack));
      this.#tally.counts.acks += 1;
      if (head.status < 300) return;
      const isProblem = head.headers.get('content-type')?.startsWith('application/problem+json');
      if (head.status === 404 && !isProblem) this.isSupported = false;
      // Its stream may have ended while this was under way.
      else if (viewer.connectionId === connectionId && viewer.isOpen) {
        this.#tally.error('ack', `an acknowledgement was answered with ${head.status}`);
      }
    } catch (error) {
      if (this.#isActive) this.#tally.error('ack', (error as Error).message);
    }
  }
}
