import { Agent, request } from 'node:http';
import { median, rssPeakBytes, sleep, startChild, waitForLine } from './child.ts';
import { ndjson } from './log-lines.ts';
import { readMetric, startServer } from './server-under-test.ts';

export type IngestResult = {
  readonly eventsPerSecond: number;
  readonly loopDelayP99Ms: number;
  readonly rssPeakMb: number;
};

const EVENTS_PER_REQUEST = 1000;
const CONNECTIONS = 8;

function post(port: number, agent: Agent, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-ndjson', 'Content-Length': body.length };
    const sending = request(
      { port, host: '127.0.0.1', path: '/api/events', method: 'POST', agent, headers },
      (response) => {
        let text = '';
        response.on('data', (piece) => {
          text += String(piece);
        });
        response.on('end', () => resolve(response.statusCode === 200 ? JSON.parse(text).accepted : 0));
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}

/** Durable events a second over HTTP, sent by a few connections that always have a request under way. */
export async function ingest(seconds: number): Promise<IngestResult> {
  const server = await startServer();
  try {
    const delay = () => readMetric(server, 'tailrace_nodejs_eventloop_lag_p99_seconds');
    return await measure(server.pid, server.port, seconds, delay);
  } finally {
    await server.stop();
  }
}

/** The floor: what SQLite and JSON.parse alone take, in one thread that answers nobody else meanwhile. */
export async function bareIngest(seconds: number): Promise<IngestResult> {
  const server = startChild('dist/bench/bare-ingest.mjs', []);
  try {
    const match = await waitForLine(server, /ready: http:\/\/127\.0\.0\.1:(\d+)/);
    return await measure(server.pid, Number(match[1]), seconds, async () => Number.NaN);
  } finally {
    await server.stop();
  }
}

async function measure(
  pid: number,
  port: number,
  seconds: number,
  loopDelayS: () => Promise<number>,
): Promise<IngestResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  // Made beforehand, so that on two cores the sender does not compete for what it measures.
  const bodies = Array.from({ length: 20 }, (_, index) =>
    Buffer.from(ndjson(index * EVENTS_PER_REQUEST, EVENTS_PER_REQUEST)),
  );
  let accepted = 0;
  let running = true;
  const send = async (): Promise<void> => {
    for (let turn = 0; running; turn += 1) {
      // Not `accepted += await …`, which would add to what it was before the wait.
      const count = await post(port, agent, bodies[turn % bodies.length] as Buffer);
      accepted += count;
    }
  };
  try {
    const senders = Array.from({ length: CONNECTIONS }, send);
    await sleep(2000);
    await loopDelayS();
    const perSecond: number[] = [];
    const delays: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      const [before, startedAt] = [accepted, performance.now()];
      await sleep(1000);
      perSecond.push(((accepted - before) / (performance.now() - startedAt)) * 1000);
      delays.push((await loopDelayS()) * 1000);
    }
    running = false;
    await Promise.all(senders);
    return {
      eventsPerSecond: median(perSecond),
      loopDelayP99Ms: median(delays),
      rssPeakMb: rssPeakBytes(pid) / 1e6,
    };
  } finally {
    agent.destroy();
  }
}
