import { logLine } from '../log-lines.ts';
import type { BodySource } from './body-source.ts';

/** GELF in bulk: one message a line. */
export const gelfHttp: BodySource = {
  name: 'GELF over HTTP, a message a line',
  path: '/gelf',
  headers: { 'Content-Type': 'application/json' },
  body,
};

function body(from: number, count: number): Buffer {
  const lines = Array.from({ length: count }, (_, index) => gelfLine(from + index));
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** The same event as `logLine`. */
function gelfLine(index: number): string {
  const { level, service, message, attributes } = JSON.parse(logLine(index)) as {
    level: string;
    service: string;
    message: string;
    attributes: Record<string, unknown>;
  };
  const severity = level === 'error' ? 3 : level === 'warn' ? 4 : 6;
  const additional = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`_${key}`, value]));
  const timestamp = Date.now() / 1000;
  const own = { version: '1.1', host: 'bench', short_message: message, timestamp, level: severity, _service: service };
  return JSON.stringify({ ...own, ...additional });
}
