import { expect, test } from 'vitest';
import { elasticBulk } from '@/lib/ingest/elastic-bulk.ts';
import { gelfHttp } from '@/lib/ingest/gelf/gelf-http.ts';
import type { HttpProtocol } from '@/lib/ingest/http-protocol.ts';
import { createLokiPush } from '@/lib/ingest/loki/loki-push.ts';
import { MetricMemory } from '@/lib/ingest/otlp/metric-memory.ts';
import { otlpProtocol } from '@/lib/ingest/otlp/otlp-protocol.ts';
import { OTLP_SIGNALS } from '@/lib/ingest/otlp/otlp-signals.ts';
import { createRemoteWrite } from '@/lib/ingest/prometheus/remote-write.ts';
import { splunkHec } from '@/lib/ingest/splunk-hec.ts';
import { understandLine } from '@/lib/lines/understand-line.ts';
import { openingCommand, type Snippet } from './snippet.ts';
import type { Place } from './snippet-place.ts';
import { addressOf, GUIDE_DEFAULT, GUIDES, guideOf, takesKey } from './snippets.ts';
import { protocolWord } from './source-words.ts';

const place: Place = { origin: 'http://logs.example:3100', ports: {}, scrape: [] };
const snippetsOf = (at: Place): [string, Snippet][] =>
  GUIDES.flatMap(({ id, snippets }) => snippets(at).map((snippet): [string, Snippet] => [id, snippet]));

/** Of the guides that need no address of this server. */
const WITHOUT_HOST = new Set(['Scrape: Tailrace fetches', 'SDKs as they come, without any variable']);

test('every guide has a name of its own in the address, and titles of its own', () => {
  expect(new Set(GUIDES.map(({ id }) => id)).size).toBe(GUIDES.length);
  expect(guideOf(GUIDE_DEFAULT)).toBeDefined();
  expect(guideOf('<script>')).toBeUndefined();
  for (const { id, snippets } of GUIDES) {
    const titles = snippets(place).map(({ title }) => title);
    expect(new Set(titles).size, id).toBe(titles.length);
    expect(titles.length, id).toBeGreaterThan(0);
  }
});

test('every snippet names the host of the page, and waits for a protocol', () => {
  for (const [id, { title, text, protocols }] of snippetsOf(place)) {
    if (!WITHOUT_HOST.has(title)) expect(text, `${id}: ${title}`).toContain('logs.example');
    expect(protocols.length, `${id}: ${title}`).toBeGreaterThan(0);
  }
});

test('what a snippet waits for is what the server calls it', () => {
  const served: HttpProtocol[] = [
    otlpProtocol(OTLP_SIGNALS.logs, new MetricMemory()),
    ...[createLokiPush(), createRemoteWrite(), elasticBulk(), splunkHec(() => 0), gelfHttp(understandLine)],
  ];
  const awaited = new Set(snippetsOf(place).flatMap(([, { protocols }]) => protocols));
  for (const { name } of served) {
    expect(awaited, name).toContain(name);
    expect(protocolWord(name), name).not.toBe(name);
  }
});

test('a listener that is open is named with its own port, one that is off with the usual one and how to open it', () => {
  for (const [id, { title, text, door }] of snippetsOf(place)) {
    if (!door) continue;
    expect(text, `${id}: ${title}`).toContain(String(door.example));
    expect(openingCommand(door)).toMatch(/^TAILRACE_[A-Z]+_PORT=\d+ npm start$/);
    const open = snippetsOf({ ...place, ports: { [door.name]: 45_678 } }).find(
      ([, snippet]) => snippet.title === title && snippet.door?.name === door.name,
    );
    expect(open?.[1].text, `${id}: ${title}`).toContain('45678');
  }
});

test('a token stands wherever the variable would stand, and nowhere where none is asked for', () => {
  const withVariable = snippetsOf(place);
  const withToken = snippetsOf({ ...place, token: 'tok-123' });
  const withoutToken = snippetsOf({ ...place, token: null });
  for (const [index, [id, { title, text }]] of withVariable.entries()) {
    const hasVariable = /TAILRACE_TOKEN|<the token/.test(text);
    const isCommand = text.includes('npx tailrace');
    expect(withToken[index]?.[1].text.includes('tok-123'), `${id}: ${title}`).toBe(hasVariable || isCommand);
    expect(withToken[index]?.[1].text).not.toContain('TAILRACE_TOKEN');
    expect(withoutToken[index]?.[1].text).not.toMatch(/TAILRACE_TOKEN|authorization|undefined|null/i);
  }
  const program = (token?: string) => guideOf('pipe')?.snippets({ ...place, token })[0]?.text;
  expect(program()).toMatch(/--url http:\/\/logs.example:3100$/);
  expect(program('tok-123')).toMatch(/ --token tok-123$/);
  expect(withVariable.filter(([, { text }]) => text.includes('TAILRACE_TOKEN')).length).toBeGreaterThan(15);
});

test('an address of IPv6 is in brackets where a port follows, and bare where none does', () => {
  const at: Place = { ...place, origin: 'http://[::1]:3000' };
  const text = (id: string, title: string) =>
    snippetsOf(at).find(([of, snippet]) => of === id && snippet.title === title)?.[1].text;
  expect(text('curl', 'One line, or an array of them')).toContain('http://[::1]:3000/api/events');
  expect(text('syslog', 'One line')).toContain('--server ::1 --port 5514');
  expect(text('gelf', "Docker's driver")).toContain('udp://[::1]:12201');
  expect(text('grpc', 'A batch of one')).toContain('[::1]:3001 ');
});

test('behind https the port is the usual one, and Fluent Bit is told', () => {
  const [, { text }] = snippetsOf({ ...place, origin: 'https://logs.example' }).find(
    ([, { title, protocols }]) => title === 'Fluent Bit' && protocols.includes('elasticsearch'),
  ) ?? ['', { text: '' }];
  expect(text).toMatch(/Port +443/);
  expect(text).toMatch(/tls +On/);
});

test('the address is that of the listener where nothing comes by another way', () => {
  const address = (id: string, at: Place = place) => {
    const guide = guideOf(id);
    return guide && addressOf(guide, at);
  };
  expect(address('syslog')).toBe('logs.example:5514');
  expect(address('forward', { ...place, ports: { forward: 4000 } })).toBe('logs.example:4000');
  for (const id of ['curl', 'otlp', 'gelf', 'prometheus']) expect(address(id), id).toBe(place.origin);
});

test('only listeners that know senders by their address take no key', () => {
  const without = GUIDES.filter((guide) => !takesKey(guide, place)).map(({ id }) => id);
  expect(without).toEqual(['syslog', 'forward']);
});

test('what there is for containers stands under Docker, each by the name of its way', () => {
  const titles = guideOf('docker')
    ?.snippets(place)
    .map(({ title }) => title);
  expect(titles).toEqual([
    'A container that is running: A program',
    "Docker's driver: Loki",
    "Docker's driver: Splunk HEC",
    "Docker's driver: GELF",
    "Docker's driver: Fluent",
  ]);
});
