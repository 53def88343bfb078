import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Snippet } from '@/components/sources/snippet.ts';
import type { Place } from '@/components/sources/snippet-place.ts';
import { GUIDES, guideOf } from '@/components/sources/snippets.ts';
import { startInProcess } from './support/in-process-server.ts';

const run = promisify(execFile);
const place: Place = { origin: 'http://127.0.0.1:3000', ports: {}, scrape: [] };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailrace-snippets-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function snippetsOf(id: string, at: Place = place): readonly Snippet[] {
  const guide = guideOf(id);
  if (!guide) throw new Error(`expected a guide "${id}"`);
  return guide.snippets(at);
}

/** As it is copied into a terminal. */
function inShell(text: string): Promise<{ stdout: string }> {
  return run('bash', ['-c', text], { timeout: 20_000 });
}

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

test('what looks like a command is one that a shell can read', async () => {
  const commands = GUIDES.flatMap(({ snippets }) => snippets(place))
    .map(({ text }) => text)
    .filter((text) =>
      /^(curl|node|npx|npm|pip|docker|logger|printf|export|grpcurl|mosquitto_pub|TAILRACE_)/.test(text),
    );
  expect(commands.length).toBeGreaterThan(20);
  await Promise.all(commands.map((text) => run('bash', ['-n', '-c', text])));
});

test('rsyslog takes its lines as they are', async () => {
  const configurations = snippetsOf('syslog').filter(({ title }) => title.startsWith('rsyslog'));
  expect(configurations).toHaveLength(2);
  for (const [index, { text }] of configurations.entries()) {
    const { stderr } = await run('rsyslogd', ['-N1', '-f', await fileOf(`rsyslog-${index}.conf`, `${text}\n`)]);
    expect(stderr).toContain('End of config validation run');
    expect(stderr).not.toMatch(/error|warning/i);
  }
});

test('Prometheus takes its lines as they are', async () => {
  const [remoteWrite] = snippetsOf('prometheus', { ...place, token: 'tok-123' });
  const { stdout } = await run('promtool', [
    'check',
    'config',
    await fileOf('prometheus.yml', `${remoteWrite?.text}\n`),
  ]);
  expect(stdout).toContain('SUCCESS');
});

test('logger sends the line where the snippet says', async () => {
  const server = createServer();
  const received = new Promise<string>((resolve) => {
    server.on('connection', (socket) => socket.once('data', (bytes) => resolve(bytes.toString())));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const [line] = snippetsOf('syslog', { ...place, ports: { syslog: port } });
    await inShell(line?.text ?? '');
    expect(await received).toMatch(/<\d+>1 .*hello, tailrace/);
  } finally {
    server.close();
  }
});

test('every snippet of curl for this server is taken', async () => {
  const server = await startInProcess('socket');
  try {
    await writeFile(join(directory, 'events.ndjson'), '{"message":"one"}\n{"message":"two"}\n');
    for (const [index, { text }] of snippetsOf('curl', { ...place, origin: server.url }).entries()) {
      const { stdout } = await inShell(`cd ${directory} && ${text}`);
      expect(JSON.parse(stdout)).toMatchObject({ accepted: index === 2 ? 2 : 1, rejected: 0 });
    }
  } finally {
    await server.close();
  }
});
