import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { Filter } from '@/lib/core/filter.ts';
import type { Acknowledgement } from '@/lib/wire/acknowledgement.ts';
import type { ServerFrame } from './server-frame.ts';

/**
 * How a stream ended: it may be asked for again (not before `retryMs`, if the server said so), or not at all. `busy`: the
 * server, or a proxy for it, said that it cannot now, which has nothing to do with the transport.
 */
export type StreamEnd =
  | { readonly again: true; readonly cause: string; readonly retryMs?: number; readonly busy?: true }
  | { readonly again: false; readonly cause: string };

/** One stream to be read until it ends. */
export type ReadRequest = {
  readonly filter: Filter;
  /** Where to start; undefined: the head, or where `lastEventId` says. */
  readonly from: string | undefined;
  /** A resume: the position of the last thing that was handled. */
  readonly lastEventId: string | undefined;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Called between tasks' worth of events, so that a long replay never blocks input and paint. */
  readonly breathe: () => Promise<void>;
  /** Every sign of life, before what it brings is understood. */
  readonly onBytes: (bytes: number) => void;
  readonly onFrames: (frames: readonly ServerFrame[]) => void;
  /** Called where acknowledgements travel on the stream's own line, once that is open. */
  readonly onLine?: (send: SendAcknowledgement) => void;
  /** Between two polls of a busy stream; without it the next one follows at once. */
  readonly pause?: (ms: number) => Promise<void>;
};

export type SendAcknowledgement = (acknowledgement: Acknowledgement) => void;

/** One transport. `read` never throws: a broken line, a refusal and an abort are all ways to end. */
export type StreamReader = {
  readonly name: ClientTransport;
  read(request: ReadRequest): Promise<StreamEnd>;
};

/** What happens to a WebSocket; after `closed` nothing does. */
export type WebSocketEvents = {
  opened(): void;
  /** @param data a string; anything else is no message of this protocol */
  message(data: unknown): void;
  /** @param code of the close frame; 1006 where the line broke or never was */
  closed(code: number, reason: string): void;
};
export type WebSocketLine = { send(text: string): void; close(): void };

/** @param url with `http:` or `https:`, or relative to the page: the opener turns it into `ws:` or `wss:`. May throw. */
export type OpenWebSocket = (url: string, protocol: string, events: WebSocketEvents) => WebSocketLine;

/** What readers use of the world; a browser's own, or Node's. */
export type ReaderEnvironment = {
  readonly fetch: typeof fetch;
  /** Such as `http://127.0.0.1:3000`; empty in a browser, where addresses are relative to the page. */
  readonly baseUrl: string;
  /** Absent where there are no WebSockets: that transport then ends at once. */
  readonly openWebSocket?: OpenWebSocket;
};

/** Events in one call of `onFrames`, at most. */
export const EVENTS_PER_TASK = 2_000;
