import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BreakingStore } from './support/breaking-store.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { storedMessages } from './support/stored-events.ts';

/** More than a commit takes, so that a body of them is stored in several. */
const EVENTS = 5500;
const NANOS = '000000';

type Format = {
  readonly path: string;
  readonly type?: string;
  readonly bodyOf: (messages: readonly string[]) => string;
};

const lines = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n');
const otlp = (records: readonly object[]): string =>
  JSON.stringify({ resourceLogs: [{ resource: {}, scopeLogs: [{ logRecords: records }] }] });

/** Bodies of several chunks, most of them with nothing in them that would tell a retry. */
const FORMATS: Readonly<Record<string, Format>> = {
  'splunk events': {
    path: '/services/collector/event',
    bodyOf: (messages) => lines(messages.map((event) => ({ event }))),
  },
  'splunk raw': { path: '/services/collector/raw', bodyOf: (messages) => messages.join('\n') },
  elasticsearch: {
    path: '/elasticsearch/_bulk',
    bodyOf: (messages) => `${lines(messages.flatMap((message) => [{ create: {} }, { message }]))}\n`,
  },
  'elasticsearch with ids': {
    path: '/elasticsearch/_bulk',
    bodyOf: (messages) => `${lines(messages.flatMap((message) => [{ create: { _id: message } }, { message }]))}\n`,
  },
  loki: {
    path: '/loki/api/v1/push',
    type: 'application/json',
    bodyOf: (messages) => {
      const values = messages.map((message) => [`${Date.UTC(2026, 0, 1)}${NANOS}`, message]);
      return JSON.stringify({ streams: [{ stream: { job: 'shop' }, values }] });
    },
  },
  gelf: {
    path: '/gelf',
    bodyOf: (messages) => lines(messages.map((text) => ({ version: '1.1', host: 'web', short_message: text }))),
  },
  'OTLP with times': {
    path: '/v1/logs',
    type: 'application/json',
    bodyOf: (messages) =>
      otlp(messages.map((text) => ({ timeUnixNano: `${Date.UTC(2026, 0, 1)}${NANOS}`, body: { stringValue: text } }))),
  },
  'OTLP without times': {
    path: '/v1/logs',
    type: 'application/json',
    bodyOf: (messages) => otlp(messages.map((text) => ({ body: { stringValue: text } }))),
  },
  'a list at /api/events': {
    path: '/api/events',
    type: 'application/json',
    bodyOf: (messages) => JSON.stringify(messages.map((message) => ({ message }))),
  },
};

describe.each([
  ['nothing is held in memory', '0'],
  ['little is held in memory', '1500'],
])('where %s while the history is away', (_title, heldEventsMax) => {
  const store = new BreakingStore();
  let server: InProcessServer;
  beforeAll(async () => {
    const environment = { TAILRACE_HELD_EVENTS_MAX: heldEventsMax, TAILRACE_BREAKER_COOLDOWN_MS: '50' };
    server = await startInProcess('socket', environment, { wrapHistory: store.wrap });
  });
  afterAll(() => server.close());

  test.each(Object.entries(FORMATS))('a body of %s that was stored in part goes on behind it', async (name, format) => {
    const messages = Array.from({ length: EVENTS }, (_, index) => `${name} ${index}`);
    const before = (await storedMessages(server.url)).length;
    const post = () => fetch(server.url + format.path, requestOf(format, messages));
    store.breakAfter(1);
    const first = await post();
    expect([first.status, await first.text()]).toEqual([503, expect.stringMatching(/./)]);
    expect(first.headers.get('retry-after')).not.toBeNull();
    // It breaks once more, further on.
    store.breakAfter(1);
    const statuses: number[] = [];
    while ((statuses.at(-1) ?? 503) === 503 && statuses.length < 100) {
      if (statuses.length === 2) store.mend();
      if (statuses.length > 0) await pause(50);
      const response = await post();
      await response.text();
      statuses.push(response.status);
    }
    expect(statuses.at(-1)).toBeLessThan(300);
    expect((await storedMessages(server.url)).slice(before)).toEqual(messages);
  });
});

describe('where an answer is about each of its items', () => {
  const store = new BreakingStore();
  let server: InProcessServer;
  beforeAll(async () => {
    const environment = { TAILRACE_HELD_EVENTS_MAX: '0', TAILRACE_BREAKER_COOLDOWN_MS: '50' };
    server = await startInProcess('socket', environment, { wrapHistory: store.wrap });
  });
  afterAll(() => server.close());

  const until200 = async (post: () => Promise<Response>): Promise<unknown> => {
    for (let tries = 0; tries < 100; tries += 1) {
      const response = await post();
      const answer: unknown = await response.json();
      if (response.status === 200) return answer;
      await pause(50);
    }
    throw new Error('expected the body to be taken at last');
  };

  test('the answer of Elasticsearch is right for those that an earlier try has stored, or refused', async () => {
    const items = Array.from({ length: EVENTS }, (_, n) => (n % 1000 === 3 ? 7 : { message: `m${n}` }));
    const body = `${lines(items.flatMap((item, n) => [{ index: { _index: `i${n % 3}` } }, item]))}\n`;
    const post = () => fetch(`${server.url}/elasticsearch/_bulk`, { method: 'POST', body });
    store.breakAfter(1);
    expect((await post()).status).toBe(503);
    expect(server.runtime.journal.headSeq).toBeGreaterThan(0);
    store.mend();
    const { errors, items: answers } = (await until200(post)) as { errors: boolean; items: { index: object }[] };
    expect(errors).toBe(true);
    expect(answers.map(({ index }) => index)).toEqual(
      items.map((item, n) => {
        const common = { _index: `i${n % 3}` };
        const error = { type: 'document_parsing_exception', reason: 'expected an object as the document' };
        return item === 7
          ? { ...common, status: 400, error }
          : { ...common, _version: 1, result: 'created', status: 201 };
      }),
    );
    const messages = items.flatMap((item) => (typeof item === 'object' ? [item.message] : []));
    expect(await storedMessages(server.url)).toEqual(messages);
    expect(server.runtime.senders.rows()[0]?.accepted).toBe(messages.length);
  });

  test('lines that broke off say where their rest begins, and nothing of it is there twice', async () => {
    const before = server.runtime.journal.headSeq;
    const all = Array.from({ length: EVENTS }, (_, n) => {
      if (n % 700 === 5) return '';
      return n % 900 === 7 ? 'no JSON' : JSON.stringify({ message: `line ${n}` });
    });
    let rest = all;
    for (let tries = 0; rest.length > 0 && tries < 100; tries += 1) {
      if (tries < 2) store.breakAfter(1);
      else store.mend();
      const headers = { 'Content-Type': 'application/x-ndjson; charset=utf-8' };
      const response = await fetch(`${server.url}/api/events`, { method: 'POST', headers, body: rest.join('\n') });
      const { nextLine } = (await response.json()) as { nextLine?: number };
      if (tries === 0) expect([response.status, nextLine]).toEqual([503, expect.any(Number)]);
      rest = response.status === 200 ? [] : rest.slice((nextLine ?? Number.NaN) - 1);
      await pause(60);
    }
    expect((await storedMessages(server.url)).slice(before)).toEqual(
      all.flatMap((line) => (line.startsWith('{') ? [(JSON.parse(line) as { message: string }).message] : [])),
    );
  });

  test('what Splunk says of a wrong event is about its place in the whole body, and the same body again is another', async () => {
    const before = server.runtime.journal.headSeq;
    const events = Array.from({ length: EVENTS }, (_, n) => (n === 4 || n === 5000 ? {} : { event: `s${n}` }));
    const post = () => fetch(`${server.url}/services/collector/event`, { method: 'POST', body: lines(events) });
    store.breakAfter(1);
    expect((await post()).status).toBe(503);
    store.mend();
    const said = { code: 12, 'invalid-event-number': 4, accepted: EVENTS - 2, rejected: 2 };
    await expect.poll(async () => (await post()).json(), { timeout: 10_000 }).toMatchObject(said);
    expect(server.runtime.journal.headSeq).toBe(before + EVENTS - 2);
    expect(await (await post()).json()).toMatchObject(said);
    expect(server.runtime.journal.headSeq).toBe(before + 2 * (EVENTS - 2));
  });
});

function requestOf({ type, bodyOf }: Format, messages: readonly string[]): RequestInit {
  return { method: 'POST', body: bodyOf(messages), headers: type ? { 'Content-Type': type } : {} };
}
