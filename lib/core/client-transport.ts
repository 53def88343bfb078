/** What a client of this project can read a stream by; by default it tries them in this order. */
export const CLIENT_TRANSPORTS = ['sse', 'ws', 'http', 'poll'] as const;
export type ClientTransport = (typeof CLIENT_TRANSPORTS)[number];
