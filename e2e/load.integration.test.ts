import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeControl, encodeEvents } from '@/lib/wire/sse.ts';
import { repoRoot } from './support/in-process-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'tailrace-load-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Outcome = { code: number | null; output: string; figures: { counts: Record<string, number>; unsettled?: number } };

/** Runs the program as a person does, and reads the figures that it leaves. */
async function load(name: string, ...args: string[]): Promise<Outcome> {
  const [json, report] = [join(directory, `${name}.json`), join(directory, `${name}.html`)];
  const child = spawn(process.execPath, ['scripts/load.mjs', ...args, '--json', json, '--report', report], {
    cwd: repoRoot,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(readFileSync(report, 'utf8'), output).toContain('</html>');
  return { code, output, figures: JSON.parse(readFileSync(json, 'utf8')).figures };
}

/** A server that has never heard of durability: it numbers what it gets, passes it on, and drops what it is told to. */
async function fakeServer(isDropped: (seq: number, viewer: number) => boolean) {
  type Viewer = { res: ServerResponse; index: number; prev: number };
  const viewers = new Set<Viewer>();
  const epoch = 'FAKEFAKE';
  let [head, opened] = [0, 0];
  const open = (res: ServerResponse): void => {
    const viewer = { res, index: opened++, prev: head };
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const at = `${epoch}.${head}`;
    const first = {
      state: 'live',
      connectionId: `v${viewer.index}`,
      epoch,
      head: at,
      from: at,
      heartbeatMs: 15_000,
    } as const;
    res.write(encodeControl('stream', first, at));
    res.write(encodeControl('live', { head: at }, at));
    viewers.add(viewer);
    res.once('close', () => viewers.delete(viewer));
  };
  const take = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    let text = '';
    for await (const piece of req) text += String(piece);
    for (const body of text.split('\n').filter((line) => line !== '')) {
      head += 1;
      for (const viewer of viewers) {
        if (!isDropped(head, viewer.index))
          viewer.res.write(encodeEvents(epoch, viewer.prev, [{ seq: head, kind: 'log', body }]));
        viewer.prev = head;
      }
    }
    res.writeHead(200, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify({ accepted: 1, rejected: 0, last: `${epoch}.${head}`, errors: [] }));
  };
  const server = createServer((req, res) => {
    if (req.method === 'GET' && req.url?.startsWith('/api/stream')) open(res);
    else if (req.method === 'POST' && req.url === '/api/events') void take(req, res);
    else res.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

const SHORT = ['--viewers', '4', '--slow', '0', '--churn', '0', '--storms', '0', '--filters', '1', '--rate', '50'];
const STAGES = ['--stage', 'ramp=500ms,hold=2s,cool=100ms'];

test('the smoke profile passes on a built server, and tells so', async () => {
  // Other tests may be what this machine is busy with: how fast it is is not what is tested.
  const { code, output, figures } = await load(
    'smoke',
    '--profile',
    'smoke',
    '--max-p99',
    '5000',
    '--max-resume',
    '25',
  );
  expect(output).toContain('PASSED');
  expect(code, output).toBe(0);
  expect(figures).toMatchObject({ counts: { lost: 0, repeated: 0, missed: 0, resets: 0 }, unsettled: 0 });
  expect(figures.counts['resumed']).toBeGreaterThanOrEqual(50);
  expect(figures.counts['deliveries']).toBeGreaterThan(1000);
});

test('a server that loses one event of one viewer is found out', async () => {
  const server = await fakeServer((seq, viewer) => seq === 60 && viewer === 2);
  try {
    const { code, output, figures } = await load('loses', '--url', server.url, ...SHORT, ...STAGES);
    expect(figures.counts['lost']).toBe(1);
    expect(output).toMatch(/✗ events lost/);
    expect(code).toBe(1);
  } finally {
    server.close();
  }
});

test('a server that keeps the end from one viewer is found out', async () => {
  const server = await fakeServer((seq, viewer) => seq > 60 && viewer === 1);
  try {
    const { code, figures } = await load('ends', '--url', server.url, ...SHORT, ...STAGES, '--max-resume', '4');
    expect(figures.unsettled).toBe(1);
    expect(code).toBe(1);
  } finally {
    server.close();
  }
});

test('the same server without the fault passes: it is the loss that was found', async () => {
  const server = await fakeServer(() => false);
  try {
    const { code, output, figures } = await load(
      'honest',
      '--url',
      server.url,
      ...SHORT,
      ...STAGES,
      '--max-p99',
      '5000',
    );
    expect(figures.counts['lost']).toBe(0);
    expect(code, output).toBe(0);
  } finally {
    server.close();
  }
});

test('options that make no sense end in a sentence and code 2', async () => {
  const child = spawn(process.execPath, ['scripts/load.mjs', '--url', 'nowhere'], { cwd: repoRoot });
  let output = '';
  child.stderr.on('data', (text) => (output += String(text)));
  const [code] = await once(child, 'exit');
  expect([code, output]).toEqual([2, expect.stringMatching(/^--url: expected such as/)]);
});
