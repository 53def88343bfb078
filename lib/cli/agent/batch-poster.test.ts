import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { AgentVoice } from './agent-voice.ts';
import { BatchPoster } from './batch-poster.ts';

/** A server for which the name `known` stands for other events. */
async function posterOf() {
  const requests: { key: unknown; lines: number }[] = [];
  const server = createServer(async (req, res) => {
    const lines = (await text(req)).split('\n').length - 1;
    const key = req.headers['idempotency-key'];
    requests.push({ key, lines });
    const isKnown = key === 'known';
    res.writeHead(isKnown ? 422 : 200, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify(isKnown ? { code: 'idempotency-mismatch' } : { accepted: lines, rejected: 0 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const said: string[] = [];
  const voice = new AgentVoice(url, (sentence) => said.push(sentence));
  const signal = new AbortController().signal;
  return { poster: new BatchPoster({ url, token: undefined, voice, waitMs: undefined, signal }), requests, said };
}

function eventsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `{"kind":"log","message":"line ${index}"}`);
}

test('one chunk that is stored under its name with other words is stored', async () => {
  const { poster, requests, said } = await posterOf();
  expect(await poster.deliver('known', eventsOf(1000))).toMatchObject({ accepted: 1000 });
  expect([requests.length, said]).toEqual([1, []]);
});

test('of several chunks nobody knows which are stored: they are sent again under another name, with a word about it', async () => {
  const { poster, requests, said } = await posterOf();
  expect(await poster.deliver('known', eventsOf(1001))).toMatchObject({ accepted: 1001 });
  expect(requests).toEqual([
    { key: 'known', lines: 1001 },
    { key: 'known.anew', lines: 1001 },
  ]);
  expect(said).toEqual([expect.stringContaining('may be stored twice')]);
});
