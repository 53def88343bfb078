import type { Acknowledgement } from '@/lib/wire/acknowledgement.ts';
import type { HeartbeatFrame } from '@/lib/wire/frames.ts';
import type { Cancel } from './scheduler.ts';
import type { StreamReport } from './stream-batch.ts';
import type { StreamClientOptions } from './stream-options.ts';
import type { SendAcknowledgement } from './stream-reader.ts';
import { HEARTBEAT_DEFAULT_MS } from './watchdog.ts';

/** Longer than this ago, a heartbeat says nothing about the line any more; the server takes no more either. */
const HELD_MS_MAX = 3_600_000;

type Environment = Pick<StreamClientOptions, 'fetch' | 'scheduler'>;

/**
 * Tells the server where this client is, about once a heartbeat interval: right after a heartbeat, which gives the round
 * trip, or by a timer, so that a client that reads slowly still shows that it is alive. What goes wrong here is ignored:
 * the stream itself will tell.
 */
export class AckSender {
  readonly #environment: Environment;
  readonly #report: () => StreamReport;
  #heartbeat: { time: string; atMs: number } | undefined;
  #sentAtMs = 0;
  #everyMs = HEARTBEAT_DEFAULT_MS;
  #request: AbortController | undefined;
  #send: SendAcknowledgement | undefined;
  #cancelTimer: Cancel | undefined;

  constructor(environment: Environment, report: () => StreamReport) {
    this.#environment = environment;
    this.#report = report;
  }

  /**
   * Call when a stream has opened: the report then names the connection and its interval.
   * @param send where the stream's own line carries acknowledgements; else each is a request of its own
   */
  start(send?: SendAcknowledgement): void {
    this.stop();
    this.#send = send;
    const { scheduler } = this.#environment;
    this.#everyMs = this.#report().heartbeatMs ?? HEARTBEAT_DEFAULT_MS;
    this.#sentAtMs = scheduler.now();
    this.#heartbeat = undefined;
    // Clients that a restart of the server brings back at once must not acknowledge at once for ever after.
    this.#wait(scheduler.random() * this.#everyMs);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#request?.abort();
    this.#cancelTimer = this.#request = undefined;
  }

  heard({ time, ackMs }: HeartbeatFrame): void {
    if (!this.#cancelTimer) return;
    // A server with ten thousand clients asks for fewer.
    this.#everyMs = ackMs ?? this.#report().heartbeatMs ?? HEARTBEAT_DEFAULT_MS;
    const nowMs = this.#environment.scheduler.now();
    this.#heartbeat = { time, atMs: nowMs };
    if (nowMs - this.#sentAtMs <= this.#everyMs / 2 || this.#request) return;
    this.#wait(this.#everyMs);
    this.#tell();
  }

  #wait(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#environment.scheduler.after(delayMs, () => {
      this.#wait(this.#everyMs);
      this.#tell();
    });
  }

  #tell(): void {
    const { connectionId, cursor, reconnects } = this.#report();
    if (connectionId === undefined || cursor === undefined) return;
    const nowMs = this.#environment.scheduler.now();
    this.#sentAtMs = nowMs;
    const heldMs = this.#heartbeat && nowMs - this.#heartbeat.atMs;
    const body: Acknowledgement = {
      position: cursor,
      reconnects,
      ...(this.#heartbeat &&
        heldMs !== undefined &&
        heldMs >= 0 &&
        heldMs <= HELD_MS_MAX && { heartbeat: { time: this.#heartbeat.time, heldMs } }),
    };
    if (this.#send) this.#send(body);
    else void this.#post(connectionId, body);
  }

  /** One at a time: one that has had no answer for an interval gives way to the next. */
  async #post(connectionId: string, body: Acknowledgement): Promise<void> {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    try {
      const response = await this.#environment.fetch(`/api/connections/${encodeURIComponent(connectionId)}/ack`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Tailrace-Client': 'web' },
        body: JSON.stringify(body),
        cache: 'no-store',
        signal: request.signal,
      });
      await response.body?.cancel();
    } catch {
      // Cut off, or cancelled.
    } finally {
      if (this.#request === request) this.#request = undefined;
    }
  }
}
