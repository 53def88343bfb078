import { logLine } from '../log-lines.ts';
import type { BodySource } from './body-source.ts';

/** Events one after the other without anything between them, as the collectors of Splunk write them. */
export const splunkHec: BodySource = {
  name: 'Splunk HEC',
  path: '/services/collector/event',
  headers: { 'Content-Type': 'application/json', Authorization: 'Splunk 00000000-0000-0000-0000-000000000000' },
  body(from, count) {
    let text = '';
    for (let index = from; index < from + count; index += 1) {
      const { level, service, message, attributes } = JSON.parse(logLine(index));
      const event = { message, severity: level };
      const fields = { ...attributes, 'service.name': service };
      text += JSON.stringify({ time: Date.now() / 1000, host: 'web-1', source: 'bench', event, fields });
    }
    return Buffer.from(text);
  },
};
