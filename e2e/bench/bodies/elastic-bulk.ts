import { logLine } from '../log-lines.ts';
import type { BodySource } from './body-source.ts';

/** Documents in the Elastic Common Schema, as Filebeat writes them. */
export const elasticBulk: BodySource = {
  name: 'Elasticsearch bulk',
  path: '/elasticsearch/_bulk?filter_path=errors,items.*.error,items.*.status',
  headers: { 'Content-Type': 'application/x-ndjson' },
  body(from, count) {
    let text = '';
    for (let index = from; index < from + count; index += 1) {
      const { level, service, message, attributes } = JSON.parse(logLine(index));
      const document = {
        '@timestamp': new Date().toISOString(),
        message,
        log: { level },
        service: { name: service },
        labels: attributes,
      };
      text += `{"create":{"_index":"filebeat-8"}}\n${JSON.stringify(document)}\n`;
    }
    return Buffer.from(text);
  },
};
