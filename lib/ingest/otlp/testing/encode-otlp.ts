import protobuf from 'protobufjs';
import type { OtlpSignalName } from '../otlp-signals.ts';

/** Numbers and types of the fields: `name:number:type`, a star for a list. */
const MESSAGES: Readonly<Record<string, string>> = {
  logs: 'resourceLogs:1:ResourceLogs*',
  ResourceLogs: 'resource:1:Resource scopeLogs:2:ScopeLogs* schemaUrl:3:string',
  ScopeLogs: 'scope:1:Scope logRecords:2:LogRecord* schemaUrl:3:string',
  LogRecord:
    'timeUnixNano:1:fixed64 severityNumber:2:int32 severityText:3:string body:5:AnyValue attributes:6:KeyValue* ' +
    'droppedAttributesCount:7:uint32 flags:8:fixed32 traceId:9:bytes spanId:10:bytes observedTimeUnixNano:11:fixed64 ' +
    'eventName:12:string',
  metrics: 'resourceMetrics:1:ResourceMetrics*',
  ResourceMetrics: 'resource:1:Resource scopeMetrics:2:ScopeMetrics* schemaUrl:3:string',
  ScopeMetrics: 'scope:1:Scope metrics:2:Metric* schemaUrl:3:string',
  Metric:
    'name:1:string description:2:string unit:3:string gauge:5:Gauge sum:7:Sum histogram:9:Histogram ' +
    'exponentialHistogram:10:ExponentialHistogram summary:11:Summary',
  Gauge: 'dataPoints:1:NumberPoint*',
  Sum: 'dataPoints:1:NumberPoint* aggregationTemporality:2:int32 isMonotonic:3:bool',
  Histogram: 'dataPoints:1:HistogramPoint* aggregationTemporality:2:int32',
  ExponentialHistogram: 'dataPoints:1:ExponentialPoint* aggregationTemporality:2:int32',
  Summary: 'dataPoints:1:SummaryPoint*',
  NumberPoint:
    'attributes:7:KeyValue* startTimeUnixNano:2:fixed64 timeUnixNano:3:fixed64 asDouble:4:double asInt:6:sfixed64 flags:8:uint32',
  HistogramPoint:
    'attributes:9:KeyValue* startTimeUnixNano:2:fixed64 timeUnixNano:3:fixed64 count:4:fixed64 sum:5:double ' +
    'bucketCounts:6:fixed64* explicitBounds:7:double* flags:10:uint32 min:11:double max:12:double',
  ExponentialPoint:
    'attributes:1:KeyValue* startTimeUnixNano:2:fixed64 timeUnixNano:3:fixed64 count:4:fixed64 sum:5:double scale:6:sint32 ' +
    'zeroCount:7:fixed64 positive:8:Buckets negative:9:Buckets flags:10:uint32 min:12:double max:13:double zeroThreshold:14:double',
  Buckets: 'offset:1:sint32 bucketCounts:2:uint64*',
  SummaryPoint:
    'attributes:7:KeyValue* startTimeUnixNano:2:fixed64 timeUnixNano:3:fixed64 count:4:fixed64 sum:5:double ' +
    'quantileValues:6:Quantile* flags:8:uint32',
  Quantile: 'quantile:1:double value:2:double',
  traces: 'resourceSpans:1:ResourceSpans*',
  ResourceSpans: 'resource:1:Resource scopeSpans:2:ScopeSpans* schemaUrl:3:string',
  ScopeSpans: 'scope:1:Scope spans:2:Span* schemaUrl:3:string',
  Span:
    'traceId:1:bytes spanId:2:bytes traceState:3:string parentSpanId:4:bytes name:5:string kind:6:int32 ' +
    'startTimeUnixNano:7:fixed64 endTimeUnixNano:8:fixed64 attributes:9:KeyValue* droppedAttributesCount:10:uint32 ' +
    'events:11:SpanEvent* droppedEventsCount:12:uint32 links:13:Link* droppedLinksCount:14:uint32 status:15:Status flags:16:fixed32',
  SpanEvent: 'timeUnixNano:1:fixed64 name:2:string attributes:3:KeyValue*',
  Link: 'traceId:1:bytes spanId:2:bytes',
  Status: 'message:2:string code:3:int32',
  Resource: 'attributes:1:KeyValue* droppedAttributesCount:2:uint32',
  Scope: 'name:1:string version:2:string attributes:3:KeyValue*',
  KeyValue: 'key:1:string value:2:AnyValue',
  AnyValue:
    'stringValue:1:string boolValue:2:bool intValue:3:int64 doubleValue:4:double arrayValue:5:List kvlistValue:6:Map bytesValue:7:bytes',
  List: 'values:1:AnyValue*',
  Map: 'values:1:KeyValue*',
  /** Of what is answered. */
  Answer: 'partialSuccess:1:Partial',
  Partial: 'rejected:1:int64 errorMessage:2:string',
  RpcStatus: 'code:1:int32 message:2:string details:3:Any*',
  Any: 'typeUrl:1:string value:2:bytes',
  RetryInfo: 'retryDelay:1:Duration',
  Duration: 'seconds:1:int64 nanos:2:int32',
};

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(MESSAGES).map(([message, fields]) => [
      message,
      {
        fields: Object.fromEntries(
          fields.split(' ').map((text) => {
            const [name = '', id = '', type = ''] = text.split(':');
            const isList = type.endsWith('*');
            return [name, { id: Number(id), type: type.replace('*', ''), ...(isList && { rule: 'repeated' }) }];
          }),
        ),
      },
    ]),
  ),
});

const IDS = new Set(['traceId', 'spanId', 'parentSpanId']);

/** Bytes of an id are hexadecimal in OTLP's JSON, and nothing else is. */
function withIds(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(withIds);
  if (typeof given !== 'object' || given === null) return given;
  const entries = Object.entries(given).map(([key, value]) => [
    key,
    IDS.has(key) ? Buffer.from(String(value), 'hex') : withIds(value),
  ]);
  return Object.fromEntries(entries);
}

/** A request, written as OTLP's JSON, as protobuf: by another library and another table than the reader's. */
export function toProto(signal: OtlpSignalName, request: object): Buffer {
  const type = root.lookupType(signal);
  return Buffer.from(type.encode(type.fromObject(withIds(request) as Record<string, unknown>)).finish());
}

export function toJson(request: object): Buffer {
  return Buffer.from(JSON.stringify(request));
}

export function fromProto(message: 'Answer' | 'RpcStatus' | 'RetryInfo', bytes: Uint8Array): Record<string, unknown> {
  const type = root.lookupType(message);
  return type.toObject(type.decode(bytes), { longs: Number });
}
