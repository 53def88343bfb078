import type { Place } from './snippet-place.ts';

/** Something to copy, with this server's own host, port and token in it. */
export type Snippet = {
  readonly title: string;
  readonly text: string;
  /** As senders name themselves when this snippet works (`sender.protocol`). */
  readonly protocols: readonly string[];
  /** For containers: it stands under Docker too. */
  readonly isOfDocker?: boolean;
  /** What else has to be known, in a sentence. */
  readonly note?: string | undefined;
  /** The listener that must be open for it. */
  readonly door?: Door | undefined;
};

/** A listener besides the dashboard's own port: how it is called, and with what it is opened. */
export type Door = { readonly name: string; readonly setting: string; readonly example: number };

export type Guide = {
  /** In the page's address. */
  readonly id: string;
  readonly name: string;
  /** Nothing but metrics comes by it. */
  readonly isOfMetrics?: boolean;
  readonly snippets: (place: Place) => readonly Snippet[];
};

export const DOORS = {
  grpc: { name: 'grpc', setting: 'TAILRACE_GRPC_PORT', example: 3001 },
  mqtt: { name: 'mqtt', setting: 'TAILRACE_MQTT_PORT', example: 1883 },
  otlp: { name: 'otlp', setting: 'TAILRACE_OTLP_PORT', example: 4318 },
  syslog: { name: 'syslog', setting: 'TAILRACE_SYSLOG_PORT', example: 5514 },
  gelf: { name: 'gelf', setting: 'TAILRACE_GELF_PORT', example: 12_201 },
  forward: { name: 'forward', setting: 'TAILRACE_FORWARD_PORT', example: 24_224 },
} as const satisfies Readonly<Record<string, Door>>;

/** What opens a listener: "TAILRACE_SYSLOG_PORT=5514 npm start". */
export function openingCommand({ setting, example }: Door): string {
  return `${setting}=${example} npm start`;
}
