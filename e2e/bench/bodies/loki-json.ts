import type { BodySource } from './body-source.ts';
import { lokiStreams } from './loki-streams.ts';

export const lokiJson: BodySource = {
  name: 'Loki push, JSON',
  path: '/loki/api/v1/push',
  headers: { 'Content-Type': 'application/json' },
  body: (from, count) => {
    const streams = [...lokiStreams(from, count).values()].map(({ labels, entries }) => ({
      stream: labels,
      values: entries.map(({ timeMs, line, metadata }) => [`${timeMs}000000`, line, metadata]),
    }));
    return Buffer.from(JSON.stringify({ streams }));
  },
};
