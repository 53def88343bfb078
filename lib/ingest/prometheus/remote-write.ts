import { AppError } from '@/lib/core/errors.ts';
import type { Attributes } from '@/lib/core/event.ts';
import { encodingOf } from '../body-bytes.ts';
import { type Found, type HttpProtocol, type IngestHead, NotKept, Refused } from '../http-protocol.ts';
import type { IngestTally } from '../ingest-tally.ts';
import { partlyRefused, refusePlainly } from '../plain-answer.ts';
import { tenantOf } from '../tenant.ts';
import type { Series } from './series.ts';
import { histogramEvents, nameSeries, sampleEvent } from './series-events.ts';
import { readWriteRequestV1 } from './write-request-v1.ts';
import { readWriteRequestV2 } from './write-request-v2.ts';

const V1 = 'prometheus.WriteRequest';
const V2 = 'io.prometheus.write.v2.Request';

/** What became of a request's points, for the headers of version 2, which counts each kind. */
class Written {
  samples = 0;
  histograms = 0;
  /** Refused for reasons that a sender has to know. */
  refused = 0;
}

/**
 * `POST /api/v1/write`, Prometheus remote write in both versions. As the specification asks, what is valid is stored, and
 * a request of which something had to be refused is answered with 400, which no sender repeats.
 *
 * NaN, ±Inf and exemplars are counted as not kept: JSON and an event have no place for them, and nothing is wrong with a
 * Prometheus that sends them. It sends NaN for every summary without observations, and to say that a series has ended (the
 * stale marker, which as far as there is something to write has been written).
 */
export function createRemoteWrite(): HttpProtocol {
  const written = new Written();
  return {
    name: 'remote-write',
    // A sample has its own time, and there is one of each time in a series.
    isRepeatable: true,
    encodingOf: (head) => {
      versionOf(head);
      const header = head.header('content-encoding');
      return header === null || header.trim() === '' ? 'snappy' : encodingOf(header, ['snappy']);
    },
    read: (body, head) => {
      const series = versionOf(head) === 2 ? readWriteRequestV2(body) : readWriteRequestV1(body);
      return readAll(series, tenantOf(head), written);
    },
    answer: (tally, head) => answer(tally, head, written),
    refuse: refusePlainly,
  };
}

function* readAll(all: Iterable<Series>, common: Attributes, written: Written): Iterable<Found> {
  for (const series of all) {
    const { samples, histograms, exemplars } = series.counts;
    if (exemplars > 0) yield new NotKept(exemplars);
    const named = nameSeries(series, common);
    if (typeof named === 'string') {
      if (samples + histograms === 0) continue;
      written.refused += samples + histograms;
      yield new Refused(named, samples + histograms);
      continue;
    }
    for (const point of series.points()) {
      if ('buckets' in point) {
        written.histograms += 1;
        if (point.isStale) yield new NotKept();
        else yield* histogramEvents(named, point);
        continue;
      }
      const event = sampleEvent(named, point);
      if (event || point.isStale) written.samples += 1;
      yield event ?? new NotKept();
    }
  }
}

function answer(tally: IngestTally, head: IngestHead, written: Written): Response {
  const refused = tally.rejected;
  // Beyond what was refused above: times that are none, and services that a key may not write for.
  const later = refused - written.refused;
  const headers: Record<string, string> =
    versionOf(head) === 2
      ? {
          'X-Prometheus-Remote-Write-Samples-Written': String(Math.max(0, written.samples - later)),
          'X-Prometheus-Remote-Write-Histograms-Written': String(written.histograms),
          'X-Prometheus-Remote-Write-Exemplars-Written': '0',
        }
      : {};
  return refused > 0 ? partlyRefused(tally, refused, headers) : new Response(null, { status: 204, headers });
}

/** Throws unsupported-media-type for what is neither: a sender of version 2 then falls back. Without a `proto` it is 1. */
function versionOf(head: IngestHead): 1 | 2 {
  const header = head.header('content-type') ?? '';
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim());
  const proto = parameters.find((part) => /^proto\s*=/i.test(part))?.replace(/^proto\s*=\s*"?([^"]*)"?$/i, '$1');
  if (type === '' || type.toLowerCase() === 'application/x-protobuf') {
    if (proto === undefined || proto === V1) return 1;
    if (proto === V2) return 2;
  }
  const says = `expected Content-Type application/x-protobuf, with proto=${V1} or proto=${V2}`;
  throw new AppError('unsupported-media-type', `${says}; got "${header.slice(0, 120)}"`);
}
