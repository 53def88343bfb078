import { ndjson as lines } from '../log-lines.ts';
import type { BodySource } from './body-source.ts';

export const ndjson: BodySource = {
  name: 'NDJSON (`POST /api/events`)',
  path: '/api/events',
  headers: { 'Content-Type': 'application/x-ndjson' },
  body: (from, count) => Buffer.from(lines(from, count)),
};
