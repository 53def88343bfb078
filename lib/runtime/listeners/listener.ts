import type { Runtime } from '../create-runtime.ts';

/** A socket of its own that other programs send to, in a protocol that is not HTTP. */
export type Listener = {
  /** The port in use, for the welcome and the Sources page. */
  readonly port: number;
  close(): Promise<void>;
};

/**
 * Opens a listener on the server's host.
 * @param port 0 takes a free one
 */
export type OpenListener = (runtime: Runtime, port: number) => Promise<Listener>;
