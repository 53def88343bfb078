/**
 * Messages of `tailrace/v1/tailrace.proto` as the loader gives and takes them: field names in camel case. What is absent
 * is '', 0, false or [] when it has been received, and may be left out when it is sent.
 */
export type FilterMessage = {
  readonly kind?: string;
  readonly services?: readonly string[];
  readonly level?: string;
  readonly q?: string;
};

export type SubscribeRequest = {
  readonly filter?: FilterMessage | null;
  readonly from?: string;
  readonly lastEventId?: string;
  readonly speed?: number;
};

export type LogMessage = {
  readonly level?: string;
  readonly message?: string;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
};

export type MetricMessage = {
  readonly name?: string;
  readonly value?: number;
  readonly type?: string;
  readonly unit?: string | undefined;
};

export type EventMessage = {
  readonly position?: string;
  readonly prev?: string;
  readonly durable?: boolean;
  readonly time?: string;
  readonly service?: string;
  readonly attributesJson?: string | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly log?: LogMessage | null;
  readonly metric?: MetricMessage | null;
};

export type PublishRequest = { readonly events?: readonly EventMessage[]; readonly idempotencyKey?: string };

export type PublishResponse = {
  readonly accepted: number;
  readonly rejected: number;
  readonly first: string;
  readonly last: string;
  readonly durable: boolean;
  readonly errors: readonly { readonly index: number; readonly error: string }[];
};

export type QueryRequest = {
  readonly filter?: FilterMessage | null;
  readonly limit?: number;
  readonly before?: string;
  readonly after?: string;
};

export type QueryResponse = {
  readonly events: readonly EventMessage[];
  readonly head: string;
  readonly before: string;
  readonly after: string;
};
