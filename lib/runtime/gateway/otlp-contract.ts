import { fromJSON, type Options, type PackageDefinition } from '@grpc/proto-loader';

/** A message: its fields as `name:number:type`, a star for a list, a question mark where absent is not zero. */
type Fields = string;
type Package = {
  readonly messages: Readonly<Record<string, Fields>>;
  /** Fields of which a message has one at most. */
  readonly choices?: Readonly<Record<string, readonly [name: string, fields: string]>>;
  /** Prefix of the values, and their names from 0. */
  readonly enums?: Readonly<Record<string, readonly [prefix: string, names: string]>>;
};

const POINT = 'start_time_unix_nano:2:fixed64 time_unix_nano:3:fixed64';
const ATTRIBUTES = 'common.KeyValue*';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level) => [
  ...[level, `${level}2`, `${level}3`, `${level}4`],
]);

/**
 * The messages of OTLP 1 by the packages that they have under `opentelemetry.proto`, as its specification numbers them. Only
 * for clients that ask by reflection what to send (grpcurl): what comes is read by `ingest/otlp`.
 */
const PACKAGES: Readonly<Record<string, Package>> = {
  common: {
    messages: {
      AnyValue:
        'string_value:1:string bool_value:2:bool int_value:3:int64 double_value:4:double array_value:5:ArrayValue ' +
        'kvlist_value:6:KeyValueList bytes_value:7:bytes',
      ArrayValue: 'values:1:AnyValue*',
      KeyValueList: 'values:1:KeyValue*',
      KeyValue: 'key:1:string value:2:AnyValue',
      InstrumentationScope: 'name:1:string version:2:string attributes:3:KeyValue* dropped_attributes_count:4:uint32',
      EntityRef: 'schema_url:1:string type:2:string id_keys:3:string* description_keys:4:string*',
    },
    choices: {
      AnyValue: ['value', 'string_value bool_value int_value double_value array_value kvlist_value bytes_value'],
    },
  },
  resource: {
    messages: {
      Resource: `attributes:1:${ATTRIBUTES} dropped_attributes_count:2:uint32 entity_refs:3:common.EntityRef*`,
    },
  },
  logs: {
    messages: {
      ResourceLogs: 'resource:1:resource.Resource scope_logs:2:ScopeLogs* schema_url:3:string',
      ScopeLogs: 'scope:1:common.InstrumentationScope log_records:2:LogRecord* schema_url:3:string',
      LogRecord:
        `time_unix_nano:1:fixed64 observed_time_unix_nano:11:fixed64 severity_number:2:SeverityNumber ` +
        `severity_text:3:string body:5:common.AnyValue attributes:6:${ATTRIBUTES} dropped_attributes_count:7:uint32 ` +
        `flags:8:fixed32 trace_id:9:bytes span_id:10:bytes event_name:12:string`,
    },
    enums: { SeverityNumber: ['SEVERITY_NUMBER_', ['UNSPECIFIED', ...LEVELS].join(' ')] },
  },
  metrics: {
    messages: {
      ResourceMetrics: 'resource:1:resource.Resource scope_metrics:2:ScopeMetrics* schema_url:3:string',
      ScopeMetrics: 'scope:1:common.InstrumentationScope metrics:2:Metric* schema_url:3:string',
      Metric:
        'name:1:string description:2:string unit:3:string gauge:5:Gauge sum:7:Sum histogram:9:Histogram ' +
        `exponential_histogram:10:ExponentialHistogram summary:11:Summary metadata:12:${ATTRIBUTES}`,
      Gauge: 'data_points:1:NumberDataPoint*',
      Sum: 'data_points:1:NumberDataPoint* aggregation_temporality:2:AggregationTemporality is_monotonic:3:bool',
      Histogram: 'data_points:1:HistogramDataPoint* aggregation_temporality:2:AggregationTemporality',
      ExponentialHistogram:
        'data_points:1:ExponentialHistogramDataPoint* aggregation_temporality:2:AggregationTemporality',
      Summary: 'data_points:1:SummaryDataPoint*',
      NumberDataPoint: `attributes:7:${ATTRIBUTES} ${POINT} as_double:4:double as_int:6:sfixed64 exemplars:5:Exemplar* flags:8:uint32`,
      HistogramDataPoint:
        `attributes:9:${ATTRIBUTES} ${POINT} count:4:fixed64 sum:5:double? bucket_counts:6:fixed64* ` +
        'explicit_bounds:7:double* exemplars:8:Exemplar* flags:10:uint32 min:11:double? max:12:double?',
      ExponentialHistogramDataPoint:
        `attributes:1:${ATTRIBUTES} ${POINT} count:4:fixed64 sum:5:double? scale:6:sint32 zero_count:7:fixed64 ` +
        'positive:8:Buckets negative:9:Buckets flags:10:uint32 exemplars:11:Exemplar* min:12:double? max:13:double? ' +
        'zero_threshold:14:double',
      'ExponentialHistogramDataPoint.Buckets': 'offset:1:sint32 bucket_counts:2:uint64*',
      SummaryDataPoint: `attributes:7:${ATTRIBUTES} ${POINT} count:4:fixed64 sum:5:double quantile_values:6:ValueAtQuantile* flags:8:uint32`,
      'SummaryDataPoint.ValueAtQuantile': 'quantile:1:double value:2:double',
      Exemplar:
        `filtered_attributes:7:${ATTRIBUTES} time_unix_nano:2:fixed64 as_double:3:double as_int:6:sfixed64 ` +
        'span_id:4:bytes trace_id:5:bytes',
    },
    choices: {
      Metric: ['data', 'gauge sum histogram exponential_histogram summary'],
      NumberDataPoint: ['value', 'as_double as_int'],
      Exemplar: ['value', 'as_double as_int'],
    },
    enums: { AggregationTemporality: ['AGGREGATION_TEMPORALITY_', 'UNSPECIFIED DELTA CUMULATIVE'] },
  },
  trace: {
    messages: {
      ResourceSpans: 'resource:1:resource.Resource scope_spans:2:ScopeSpans* schema_url:3:string',
      ScopeSpans: 'scope:1:common.InstrumentationScope spans:2:Span* schema_url:3:string',
      Span:
        'trace_id:1:bytes span_id:2:bytes trace_state:3:string parent_span_id:4:bytes flags:16:fixed32 name:5:string ' +
        `kind:6:SpanKind start_time_unix_nano:7:fixed64 end_time_unix_nano:8:fixed64 attributes:9:${ATTRIBUTES} ` +
        'dropped_attributes_count:10:uint32 events:11:Event* dropped_events_count:12:uint32 links:13:Link* ' +
        'dropped_links_count:14:uint32 status:15:Status',
      'Span.Event': `time_unix_nano:1:fixed64 name:2:string attributes:3:${ATTRIBUTES} dropped_attributes_count:4:uint32`,
      'Span.Link':
        `trace_id:1:bytes span_id:2:bytes trace_state:3:string attributes:4:${ATTRIBUTES} ` +
        'dropped_attributes_count:5:uint32 flags:6:fixed32',
      Status: 'message:2:string code:3:StatusCode',
    },
    enums: {
      'Span.SpanKind': ['SPAN_KIND_', 'UNSPECIFIED INTERNAL SERVER CLIENT PRODUCER CONSUMER'],
      'Status.StatusCode': ['STATUS_CODE_', 'UNSET OK ERROR'],
    },
  },
  'collector.logs': service('Logs', 'resource_logs:1:logs.ResourceLogs*', 'rejected_log_records'),
  'collector.metrics': service('Metrics', 'resource_metrics:1:metrics.ResourceMetrics*', 'rejected_data_points'),
  'collector.trace': service('Trace', 'resource_spans:1:trace.ResourceSpans*', 'rejected_spans'),
};

function service(name: string, request: Fields, rejected: string): Package {
  return {
    messages: {
      [`Export${name}ServiceRequest`]: request,
      [`Export${name}ServiceResponse`]: `partial_success:1:Export${name}PartialSuccess`,
      [`Export${name}PartialSuccess`]: `${rejected}:1:int64 error_message:2:string`,
    },
  };
}

/** What protobufjs takes for a file. */
type Node = { nested?: Record<string, Node> } & Record<string, unknown>;

/** The contract of OTLP over gRPC. */
export function otlpContract(options: Options): PackageDefinition {
  const root: Node = {};
  for (const [name, { messages, choices = {}, enums = {} }] of Object.entries(PACKAGES)) {
    const path = ['opentelemetry', 'proto', ...name.split('.'), 'v1'];
    for (const [message, fields] of Object.entries(messages)) {
      Object.assign(at(root, [...path, ...message.split('.')]), messageOf(fields, choices[message]));
    }
    for (const [type, [prefix, names]] of Object.entries(enums)) {
      const values = names.split(' ').map((value, number) => [prefix + value, number] as const);
      Object.assign(at(root, [...path, ...type.split('.')]), { values: Object.fromEntries(values) });
    }
    const [, signal] = /^collector\.(.*)$/.exec(name) ?? [];
    if (signal !== undefined) Object.assign(at(root, [...path, `${titled(signal)}Service`]), exportOf(titled(signal)));
  }
  return fromJSON(root, options);
}

function at(root: Node, path: readonly string[]): Node {
  return path.reduce<Node>((node, name) => {
    node.nested ??= {};
    const inner = node.nested[name] ?? {};
    node.nested[name] = inner;
    return inner;
  }, root);
}

function messageOf(fields: Fields, choice: readonly [name: string, fields: string] | undefined): object {
  const oneofs: Record<string, { oneof: string[] }> = choice ? { [choice[0]]: { oneof: choice[1].split(' ') } } : {};
  const entries = fields.split(' ').map((text) => {
    const [name = '', id = '', type = ''] = text.split(':');
    const isOptional = type.endsWith('?');
    // protoc writes an optional field like this as well.
    if (isOptional) oneofs[`_${name}`] = { oneof: [name] };
    return [
      name,
      {
        id: Number(id),
        type: type.replace(/[*?]$/, '').replace(/^([a-z]+)\.(?=[A-Z])/, '.opentelemetry.proto.$1.v1.'),
        ...(type.endsWith('*') && { rule: 'repeated' }),
        ...(isOptional && { options: { proto3_optional: true } }),
      },
    ] as const;
  });
  return { fields: Object.fromEntries(entries), oneofs };
}

function exportOf(name: string): object {
  const types = { requestType: `Export${name}ServiceRequest`, responseType: `Export${name}ServiceResponse` };
  return { methods: { Export: types } };
}

function titled(signal: string): string {
  return signal.charAt(0).toUpperCase() + signal.slice(1);
}
