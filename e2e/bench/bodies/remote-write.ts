import { compressSync } from 'snappy';
import { writeRequestV1 } from '@/lib/ingest/testing/remote-write-bodies.ts';
import type { BodySource } from './body-source.ts';

/** As many as a few hosts have: each body holds the next sample of the next of them. */
const SERIES = 5000;

export const remoteWrite: BodySource = {
  name: 'Prometheus remote write',
  path: '/api/v1/write',
  headers: {
    'Content-Type': 'application/x-protobuf',
    'Content-Encoding': 'snappy',
    'X-Prometheus-Remote-Write-Version': '0.1.0',
  },
  body: (from, count) => {
    const startMs = Date.now();
    const series = Array.from({ length: count }, (_, at) => {
      const index = from + at;
      const labels = {
        __name__: 'http_request_duration_seconds_sum',
        instance: `10.0.0.${index % 50}:9100`,
        job: 'node',
        path: `/api/${index % SERIES}`,
      };
      return { labels, samples: [{ value: index, timeMs: startMs }] };
    });
    return compressSync(writeRequestV1(series));
  },
};
