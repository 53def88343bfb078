import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandProcess } from './support/command-process.ts';
import { startInProcess } from './support/in-process-server.ts';
import { type Random, withSeed } from './support/random.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { storedMessages, untilStored } from './support/stored-events.ts';
import { until } from './support/wait.ts';

let directory: string;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tailrace-faults-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(directory, { recursive: true, force: true });
});

const at = (name: string): string => join(directory, name);
function tail(url: string, ...args: string[]): CommandProcess {
  const started = new CommandProcess(['tail', '--url', url, '--state', at('state'), ...args], {}, directory);
  closing.push(() => started.stop('SIGKILL'));
  return started;
}
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `n ${from + index}`);
const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const sorted = (messages: readonly string[]): string[] =>
  [...messages].sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)));

/** A server whose data and port outlive its process. */
async function killable() {
  const options = { port: await freePort(), dataDir: mkdtempSync(join(tmpdir(), 'tailrace-data-')) };
  let process = await ServerProcess.start(options);
  closing.push(async () => {
    await process.stop();
    rmSync(options.dataDir, { recursive: true, force: true });
  });
  return {
    url: process.url,
    kill: () => process.kill(),
    start: async () => {
      process = await ServerProcess.start(options);
    },
  };
}

type Meddle = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  pass: () => Promise<void>,
) => Promise<void>;

/** Between the command and the server: may answer by itself, or lose what the server answered. */
async function meddler(upstream: string, meddle: Meddle): Promise<string> {
  const server: Server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const headers = { 'Content-Type': String(request.headers['content-type']) };
    const pass = async (): Promise<void> => {
      const key = String(request.headers['idempotency-key']);
      const answer = await fetch(upstream + request.url, {
        method: 'POST',
        headers: { ...headers, 'Idempotency-Key': key },
        body: new Uint8Array(body),
      });
      const text = await answer.text();
      if (response.destroyed) return;
      response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(text);
    };
    await meddle(request, response, body, pass);
  }).listen(0, '127.0.0.1');
  await until('the proxy to listen', () => server.listening);
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('answers that get lost do no harm, and whoever says when is asked again only then', async () => {
  const server = await startInProcess('socket');
  closing.push(() => server.close());
  const seen: { key: string; atMs: number }[] = [];
  const url = await meddler(server.url, async (request, response, _body, pass) => {
    seen.push({ key: String(request.headers['idempotency-key']), atMs: performance.now() });
    const turn = seen.length % 4;
    if (turn === 1)
      response.writeHead(503, { 'Retry-After': '1' }).end('{"code":"storage-unavailable","detail":"away"}');
    else if (turn === 2) {
      // Stored, but nobody learns it.
      const real = response.writeHead.bind(response);
      response.writeHead = () => {
        response.destroy();
        return response;
      };
      await pass().catch(() => undefined);
      response.writeHead = real;
    } else await pass();
  });
  writeFileSync(at('app.log'), asText(numbered(0, 3_500)));
  const one = tail(url, '--once', 'app.log');
  expect(await one.ended()).toBe(0);
  expect(await storedMessages(server.url)).toEqual(numbered(0, 3_500));
  expect(one.stderr).toMatch(/^-- 3,500 events of 1 file stored/m);
  expect(one.stderr.match(/takes nothing: away; trying again/g)?.length).toBeGreaterThanOrEqual(1);
  const [first, second] = seen;
  expect(second?.key).toBe(first?.key);
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
});

test('what the server refuses is told and stops nothing; what is too large goes in halves', async () => {
  const server = await startInProcess('socket');
  closing.push(() => server.close());
  const url = await meddler(server.url, async (_request, response, body, pass) => {
    const text = String(body);
    const lines = text.trimEnd().split('\n');
    const isBad = text.includes('"n 5"');
    if (lines.length > (isBad ? 1 : 3)) response.writeHead(413).end('{"code":"body-too-large","detail":"too much"}');
    else if (!isBad) await pass();
    else {
      const errors = [{ line: 1, error: 'message: not this one' }];
      response.writeHead(400).end(JSON.stringify({ code: 'nothing-accepted', accepted: 0, rejected: 1, errors }));
    }
  });
  writeFileSync(at('app.log'), asText(numbered(0, 10)));
  const one = tail(url, '--once', 'app.log');
  expect(await one.ended()).toBe(0);
  expect(await storedMessages(server.url)).toEqual(numbered(0, 10).filter((line) => line !== 'n 5'));
  expect(one.stderr).toContain(`-- ${at('app.log')}: an event was refused: message: not this one\n`);
  expect(one.stderr).toMatch(/^-- 9 events of 1 file stored .*, 1 refused$/m);
});

test('a token that is not accepted, or a server of another kind, is told, and waited for', async () => {
  const server = await startInProcess('socket');
  closing.push(() => server.close());
  let isOpen = false;
  const url = await meddler(server.url, async (_request, response, _body, pass) => {
    if (isOpen) await pass();
    else response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>no such page</html>');
  });
  writeFileSync(at('app.log'), asText(numbered(0, 3)));
  const one = tail(url, '--from-start', 'app.log');
  await until('the complaint', () => one.stderr.includes('what answers there with 404 is no Tailrace'));
  isOpen = true;
  await untilStored(server.url, 3);
  await until('the relief', () => one.stderr.includes('takes events again'));
  const two = tail('http://127.0.0.1:1', '--once', '--wait', '1', '--forget', '--state', at('other'), 'app.log');
  expect(await two.ended()).toBe(1);
  expect(two.stderr).toContain('gave up: http://127.0.0.1:1 took nothing for 1 s');
});

const LOGROTATE = ['/usr/sbin/logrotate', '/usr/bin/logrotate'].find((path) => existsSync(path));

test.each(['create', 'copytruncate'])('logrotate with %s: nothing is lost, nothing comes twice', async (mode) => {
  if (!LOGROTATE) throw new Error('expected logrotate on this machine: apt-get install logrotate');
  const server = await startInProcess('socket');
  closing.push(() => server.close());
  writeFileSync(at('app.log'), '');
  writeFileSync(at('rotate.conf'), `${at('app.log')} {\n  su root root\n  rotate 9\n  ${mode}\n}\n`, { mode: 0o644 });
  const one = tail(server.url, '--from-start', 'app.log');
  await until('the file to be followed', () => one.stderr.includes('-- sending'));
  for (let round = 0; round < 4; round += 1) {
    appendFileSync(at('app.log'), asText(numbered(round * 500, round * 500 + 400)));
    // With copytruncate goes what nobody has read before: that is its nature.
    if (mode === 'copytruncate') await untilStored(server.url, round * 500 + 400);
    execFileSync(LOGROTATE, ['--force', '--state', at('rotate.state'), at('rotate.conf')]);
    appendFileSync(at('app.log'), asText(numbered(round * 500 + 400, round * 500 + 500)));
    await untilStored(server.url, (round + 1) * 500);
  }
  expect(await storedMessages(server.url)).toEqual(numbered(0, 2_000));
});

/** What a walk does to a file, its reader and its server. */
class Walk {
  readonly #random: Random;
  readonly #server: Awaited<ReturnType<typeof killable>>;
  #tail: CommandProcess;
  #isServerUp = true;
  readonly #steps: string[] = [];
  written = 0;

  constructor(random: Random, server: Awaited<ReturnType<typeof killable>>) {
    this.#random = random;
    this.#server = server;
    writeFileSync(at('app.log'), '');
    this.#tail = this.#follow();
  }

  /** What is rotated before anyone has looked once is nobody's. */
  begin(): Promise<void> {
    return until('the file to be followed', () => this.#tail.stderr.includes('-- sending'));
  }

  async step(): Promise<void> {
    const step = this.#random.pick([
      'write',
      'write',
      'write',
      'burst',
      'rotate',
      'truncate',
      'tail',
      'server',
      'wait',
    ]);
    this.#steps.push(`${step} at ${this.written}`);
    if (step === 'write') this.#write(this.#random.integer(1, 50));
    else if (step === 'burst') this.#write(this.#random.integer(1_000, 8_000));
    else if (step === 'rotate') await this.#rotate();
    else if (step === 'truncate') await this.#truncate();
    else if (step === 'tail') await this.#killTail();
    else if (step === 'server') await this.#killServer();
    else await new Promise((resolve) => setTimeout(resolve, this.#random.integer(10, 700)));
  }

  /** Waits until everything that was written is stored. */
  async settle(): Promise<void> {
    if (!this.#isServerUp) await this.#killServer();
    await untilStored(this.#server.url, this.written, 30_000).catch(async (error: unknown) => {
      const stored = new Set(await storedMessages(this.#server.url));
      const missing = numbered(0, this.written).filter((line) => !stored.has(line));
      const says = `${missing.length} missing, ${missing[0]} to ${missing.at(-1)}; steps: ${this.#steps.join(', ')}`;
      throw new Error(`${String(error)}; ${says}; the command said: ${this.#tail.stderr}`);
    });
  }

  #follow(): CommandProcess {
    return tail(this.#server.url, '--from-start', 'app.log');
  }

  #write(lines: number): void {
    const text = asText(numbered(this.written, this.written + lines));
    // Cut anywhere, as a writer's buffer is.
    const cut = this.#random.integer(0, text.length);
    appendFileSync(at('app.log'), text.slice(0, cut));
    appendFileSync(at('app.log'), text.slice(cut));
    this.written += lines;
  }

  async #rotate(): Promise<void> {
    for (let number = 8; number > 0; number -= 1) {
      if (existsSync(at(`app.log.${number}`))) renameSync(at(`app.log.${number}`), at(`app.log.${number + 1}`));
    }
    renameSync(at('app.log'), at('app.log.1'));
    if (this.#random.next() < 0.5) await new Promise((resolve) => setTimeout(resolve, 300));
    writeFileSync(at('app.log'), '');
    // Faster than anyone looks, a file could come and go unseen.
    await new Promise((resolve) => setTimeout(resolve, 450));
  }

  async #truncate(): Promise<void> {
    await this.settle();
    await new Promise((resolve) => setTimeout(resolve, 300));
    copyFileSync(at('app.log'), at('copy'));
    truncateSync(at('app.log'));
  }

  async #killTail(): Promise<void> {
    await this.#tail.stop('SIGKILL');
    if (this.#random.next() < 0.5) this.#write(this.#random.integer(1, 2_000));
    if (this.#random.next() < 0.3) await this.#rotate();
    this.#tail = this.#follow();
  }

  async #killServer(): Promise<void> {
    if (this.#isServerUp) await this.#server.kill();
    else await this.#server.start();
    this.#isServerUp = !this.#isServerUp;
  }
}

test('write, rotate, truncate, kill the command, kill the server, in any order: everything is stored, once', async () => {
  await withSeed(async (random) => {
    const server = await killable();
    const walk = new Walk(random, server);
    await walk.begin();
    for (let step = 0; step < 40; step += 1) await walk.step();
    await walk.settle();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(sorted(await storedMessages(server.url))).toEqual(numbered(0, walk.written));
  });
}, 240_000);
