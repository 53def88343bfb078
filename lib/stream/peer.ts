import type { TRANSPORTS } from '@/lib/wire/connection-pages.ts';

export type Transport = (typeof TRANSPORTS)[number];

/** Who is at the other end of a stream, as far as the request tells. */
export type Peer = {
  readonly transport: Transport;
  /** Of the client, or of the last proxy that is not trusted; `unknown` where the platform does not tell. */
  readonly address: string;
  readonly userAgent: string;
  /** Fingerprint of the token it came with. */
  readonly user: string | undefined;
  /** It has promised acknowledgements: silence for several intervals means that it is gone. */
  readonly acknowledges: boolean;
  /** It has come back, as it sent a Last-Event-ID. */
  readonly isReturning: boolean;
};
