import { compressSync } from 'snappy';
import { lokiProtobuf } from '@/lib/ingest/testing/loki-bodies.ts';
import type { BodySource } from './body-source.ts';
import { lokiStreams } from './loki-streams.ts';

export const lokiSnappy: BodySource = {
  name: 'Loki push, protobuf in snappy',
  path: '/loki/api/v1/push',
  headers: { 'Content-Type': 'application/x-protobuf' },
  body: (from, count) => {
    const streams = [...lokiStreams(from, count).values()].map(({ labels, entries }) => ({
      labels: `{${Object.entries(labels)
        .map(([name, value]) => `${name}="${value}"`)
        .join(', ')}}`,
      lines: entries.map(({ timeMs, line, metadata }) => ({
        seconds: Math.floor(timeMs / 1000),
        nanos: (timeMs % 1000) * 1e6,
        line,
        metadata,
      })),
    }));
    return compressSync(lokiProtobuf(streams));
  },
};
