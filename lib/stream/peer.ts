import type { Principal } from '@/lib/core/principal.ts';
import type { TRANSPORTS } from '@/lib/wire/connection-pages.ts';

export type Transport = (typeof TRANSPORTS)[number];

/** Who is at the other end of a stream, as far as the request tells. */
export type Peer = {
  readonly transport: Transport;
  /** Of the client, or of the last proxy that is not trusted; `unknown` where the platform does not tell. */
  readonly address: string;
  readonly userAgent: string;
  /** Who has been let in; what it may see limits whatever it asks for. */
  readonly principal?: Principal;
  /** Its name, or the fingerprint of a token that nobody has asked for. */
  readonly user: string | undefined;
  /** It has promised acknowledgements: silence for several intervals means that it is gone. */
  readonly acknowledges: boolean;
  /** It has come back, as it sent a Last-Event-ID. */
  readonly isReturning: boolean;
};
