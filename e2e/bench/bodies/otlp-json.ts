import type { BodySource } from './body-source.ts';
import { byService, type OtlpLine } from './otlp-lines.ts';

export const otlpJson: BodySource = {
  name: 'OTLP, JSON',
  path: '/v1/logs',
  headers: { 'Content-Type': 'application/json' },
  body: (from, count) => Buffer.from(JSON.stringify({ resourceLogs: [...byService(from, count)].map(resourceLogs) })),
};

function resourceLogs([service, lines]: [string, OtlpLine[]]) {
  return {
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeLogs: [{ scope: { name: 'bench' }, logRecords: lines.map(logRecord) }],
  };
}

function logRecord({ timeNanos, severityNumber, severityText, message, attributes }: OtlpLine) {
  return {
    timeUnixNano: timeNanos,
    observedTimeUnixNano: timeNanos,
    severityNumber,
    severityText,
    body: { stringValue: message },
    attributes: Object.entries(attributes).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    })),
  };
}
