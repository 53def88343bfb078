import { Agent, request } from 'node:http';
import type { BodySource } from './bodies/body-source.ts';
import { elasticBulk } from './bodies/elastic-bulk.ts';
import { gelfHttp } from './bodies/gelf-http.ts';
import { lokiJson } from './bodies/loki-json.ts';
import { lokiSnappy } from './bodies/loki-snappy.ts';
import { ndjson } from './bodies/ndjson.ts';
import { otlpJson } from './bodies/otlp-json.ts';
import { otlpProtobuf } from './bodies/otlp-protobuf.ts';
import { remoteWrite } from './bodies/remote-write.ts';
import { splunkHec } from './bodies/splunk-hec.ts';
import { cpuSeconds, median, rssPeakBytes, sleep } from './child.ts';
import { type Row, round } from './row.ts';
import { readMetric, type ServerUnderTest, startServer } from './server-under-test.ts';

/** The first is what the others are compared with. */
const SOURCES: readonly BodySource[] = [
  ...[ndjson, otlpProtobuf, otlpJson],
  ...[lokiSnappy, lokiJson, remoteWrite, elasticBulk, splunkHec, gelfHttp],
];

const ROUNDS = 3;
const SECONDS = 5;
const WARM_UP_MS = 1500;
const EVENTS_PER_REQUEST = 1000;
const CONNECTIONS = 8;
/** A body that comes again is not stored again: for so many events a second there is a new one each time. */
const EVENTS_PER_SECOND_MAX = 120_000;

/** CPU of the whole process: unlike the rate, hardly changed by what else the machine is doing. */
type Reading = { readonly eventsPerSecond: number; readonly cpuUsPerEvent: number; readonly rssPeakMb: number };

/** Durable events a second of each protocol, in turn, so that a machine that slows down slows all of them. */
export async function protocolRows(): Promise<Row[]> {
  const readings = new Map(SOURCES.map((source) => [source, [] as Reading[]]));
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    for (const [source, list] of readings) list.push(await measure(source));
  }
  const middle = (list: readonly Reading[] | undefined, pick: (reading: Reading) => number): number =>
    median((list ?? []).map(pick));
  const [reference] = readings.values();
  const referenceRate = middle(reference, (reading) => reading.eventsPerSecond);
  return [...readings].map(([source, list]) => {
    const rate = middle(list, (reading) => reading.eventsPerSecond);
    return {
      what: `${source.name}, durable`,
      measured:
        `${round(rate)} events/s; ${round(
          middle(list, (reading) => reading.cpuUsPerEvent),
          1,
        )} µs CPU each; ` + `peak ${round(middle(list, (reading) => reading.rssPeakMb))} MB`,
      floor: source === SOURCES[0] ? '' : `${round(rate / referenceRate, 2)} of NDJSON`,
      target: '≥ 30,000 events/s',
    };
  });
}

async function measure(source: BodySource): Promise<Reading> {
  const server = await startServer();
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    // Made beforehand, so that on two cores the sender does not compete for what it measures.
    const count = Math.ceil((EVENTS_PER_SECOND_MAX * (WARM_UP_MS / 1000 + SECONDS)) / EVENTS_PER_REQUEST);
    const bodies = Array.from({ length: count }, (_, index) =>
      source.body(index * EVENTS_PER_REQUEST, EVENTS_PER_REQUEST),
    );
    let running = true;
    const send = async (): Promise<void> => {
      while (running) {
        const body = bodies.pop();
        if (!body) throw new Error(`${source.name} was faster than there are bodies`);
        await post(server.port, agent, source, body);
      }
    };
    const senders = Promise.all(Array.from({ length: CONNECTIONS }, send));
    await Promise.race([sleep(WARM_UP_MS), senders]);
    const [before, cpuBefore, startedAt] = [await accepted(server), cpuSeconds(server.pid), performance.now()];
    await Promise.race([sleep(SECONDS * 1000), senders]);
    const events = (await accepted(server)) - before;
    const cpuUsPerEvent = ((cpuSeconds(server.pid) - cpuBefore) * 1e6) / events;
    const eventsPerSecond = (events / (performance.now() - startedAt)) * 1000;
    running = false;
    await senders;
    return { eventsPerSecond, cpuUsPerEvent, rssPeakMb: rssPeakBytes(server.pid) / 1e6 };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

/** What the server itself has counted as stored: the answers of the protocols differ. */
function accepted(server: ServerUnderTest): Promise<number> {
  return readMetric(server, 'tailrace_ingest_accepted_events_total');
}

function post(port: number, agent: Agent, { path, headers, name }: BodySource, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path, method: 'POST', agent };
    const sending = request({ ...options, headers: { ...headers, 'Content-Length': body.length } }, (response) => {
      response.resume().on('end', () => {
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) resolve();
        else reject(new Error(`${name}: answered ${statusCode}`));
      });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
