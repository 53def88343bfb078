import type { Understand } from '@/lib/ingest/understand.ts';
import { understandLine } from '@/lib/lines/understand-line.ts';
import type { Runtime } from '../create-runtime.ts';
import type { ReceptionContext } from '../reception.ts';

/** What a listener needs of the runtime. */
export type ListenerRuntime = ReceptionContext &
  Pick<Runtime, 'ledger' | 'onError'> & { readonly config: { readonly host: string } };

/** A socket of its own that other programs send to, in a protocol that is not HTTP. */
export type Listener = {
  /** The port in use, for the welcome and the Sources page. */
  readonly port: number;
  close(): Promise<void>;
};

/** Who may come in by a socket, and how the texts of messages are looked into. */
export type ListenerPolicy = {
  /** Asked for each connection and each datagram. */
  mayReach(address: string): boolean;
  /** What a sender of Fluent forward must prove to know; undefined: nothing. Asked for each connection. */
  forwardSharedKey(): string | undefined;
  readonly understand: Understand;
};

export const OPEN_POLICY: ListenerPolicy = {
  mayReach: () => true,
  forwardSharedKey: () => undefined,
  understand: understandLine,
};

/**
 * Opens a listener on the server's host.
 * @param port 0 takes a free one
 */
export type OpenListener = (runtime: ListenerRuntime, port: number, policy: ListenerPolicy) => Promise<Listener>;
