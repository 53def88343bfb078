import { afterEach, expect, test } from 'vitest';
import { logEvent } from './testing/fake-server.ts';
import { openBrowser } from './testing/tab-bench.ts';

const open: { dispose: () => void }[] = [];
afterEach(() => {
  for (const { dispose } of open.splice(0)) dispose();
});

function setUp() {
  const bench = openBrowser();
  open.push(bench);
  return bench;
}

test('the tab hub shares one stream among all tabs and mirrors its state', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const tabs = [openTab(), openTab(), openTab()];
  const views = tabs.map(({ hub }) => openView(hub));
  await scheduler.advance(1_000);
  server.append(logEvent('a'), logEvent('b'));
  await scheduler.advance(1_000);
  expect(server.open).toBe(1);
  expect(views.map((view) => view.messages())).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(tabs.map(({ seen }) => seen.role)).toEqual(['leader', 'follower', 'follower']);
  expect(tabs.map(({ seen }) => seen.report.phase)).toEqual(['live', 'live', 'live']);
  expect(tabs.map(({ seen }) => seen.tabs)).toEqual([3, 3, 3]);
  expect(tabs.map(({ seen }) => seen.report.cursor)).toEqual(Array(3).fill('EpochAA1.2'));
});

test('the tab hub gives each view what its own filter lets through, text search included', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const [one, two] = [openTab(), openTab()];
  const errors = openView(one.hub, { kind: 'log', level: 'error' });
  const text = openView(two.hub, { kind: 'log', q: 'ORDER' });
  const api = openView(two.hub, { kind: 'log', services: ['api'] });
  await scheduler.advance(500);
  server.append(logEvent('order 7', 'web'), logEvent('boom', 'api', 'error'), logEvent('fine', 'api'));
  await scheduler.advance(500);
  expect(errors.messages()).toEqual(['boom']);
  expect(text.messages()).toEqual(['order 7']);
  expect(api.messages()).toEqual(['boom', 'fine']);
  expect(server.urls).toHaveLength(1);
});

test('the tab hub brings a new view everything after its page, though the stream has passed there', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const first = openTab();
  const view = openView(first.hub);
  await scheduler.advance(500);
  const head = server.head;
  server.append(logEvent('between page and view'));
  await scheduler.advance(500);
  const late = openView(openTab().hub, {}, head);
  await scheduler.advance(500);
  server.append(logEvent('later'));
  await scheduler.advance(500);
  expect(late.messages()).toEqual(['between page and view', 'later']);
  expect(view.messages()).toEqual(['between page and view', 'later']);
  expect(first.seen.report).toMatchObject({ lost: 0, repeated: 0 });
  // From the leader's memory: the stream did not begin anew.
  expect(server.calls).toHaveLength(1);
});

test('the tab hub asks the server for what its memory does not hold', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  server.append(logEvent('old'), logEvent('older than the stream'));
  const first = openTab();
  const view = openView(first.hub);
  await scheduler.advance(500);
  const late = openView(openTab().hub, {}, 'EpochAA1.1');
  await scheduler.advance(500);
  expect(late.messages()).toEqual(['older than the stream']);
  expect(view.messages()).toEqual([]);
  expect(server.calls.map((call) => call.url)).toEqual([
    '/api/stream?from=EpochAA1.2&ack=1',
    '/api/stream?from=EpochAA1.1&ack=1',
  ]);
});

test('the tab hub hands the stream over without loss when the leader closes or crashes', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const [one, two, three] = [openTab(), openTab(), openTab()];
  const view = openView(three.hub);
  await scheduler.advance(500);
  server.append(logEvent('a'));
  await scheduler.advance(500);
  one.hub.stop('closed');
  server.append(logEvent('b'));
  await scheduler.advance(500);
  expect(two.seen.role).toBe('leader');
  two.crash();
  server.append(logEvent('c'));
  await scheduler.advance(20_000);
  expect(three.seen).toMatchObject({ role: 'leader', tabs: 1 });
  expect(view.messages()).toEqual(['a', 'b', 'c']);
  expect(three.seen.report).toMatchObject({ lost: 0, repeated: 0, received: 3 });
});

test('the tab hub takes the stream from a leader that is frozen', async () => {
  const { scheduler, server, browser, openTab, openView } = setUp();
  const [one, two] = [openTab(), openTab()];
  const view = openView(two.hub);
  await scheduler.advance(500);
  browser.frozen.add(one.tabId);
  server.append(logEvent('while frozen'));
  await scheduler.advance(45_000);
  expect(two.seen.role).toBe('leader');
  expect(view.messages()).toEqual(['while frozen']);
  expect(server.open).toBe(1);
});

test('the tab hub keeps the stream open under a filter that lets nothing through when no view needs events', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const { hub, seen } = openTab();
  const view = openView(hub, { kind: 'log' });
  await scheduler.advance(500);
  view.close();
  await scheduler.advance(3_000);
  expect(server.urls).toEqual(['/api/stream?kind=metric&level=fatal&from=EpochAA1.0&ack=1']);
  server.append(logEvent('nobody looks'));
  await scheduler.advance(15_000);
  expect(seen.report).toMatchObject({ phase: 'live', received: 0, cursor: 'EpochAA1.1' });
});

test('the tab hub opens no stream for nobody while the page that will need one is still being hydrated', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const { hub, seen } = openTab();
  await scheduler.advance(200);
  openView(hub, { kind: 'log' });
  await scheduler.advance(500);
  expect(server.calls.map((call) => call.url)).toEqual(['/api/stream?kind=log&from=EpochAA1.0&ack=1']);
  expect(seen.report.phase).toBe('live');
});

test('the tab hub goes live for its badge alone where no view comes', async () => {
  const { scheduler, server, openTab } = setUp();
  const { seen } = openTab();
  await scheduler.advance(500);
  expect(server.calls.map((call) => call.url)).toEqual(['/api/stream?kind=metric&level=fatal&ack=1']);
  expect(seen.report.phase).toBe('live');
});

test('the tab hub forgets a crashed tab, so that the stream narrows', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const [one, two] = [openTab(), openTab()];
  openView(one.hub, { kind: 'metric' });
  openView(two.hub, { kind: 'log' });
  await scheduler.advance(500);
  two.crash();
  await scheduler.advance(15_000);
  expect(one.seen.tabs).toBe(1);
  expect(server.urls[0]).toContain('kind=metric');
});

test('the tab hub streams alone where the browser has no locks', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const tabs = [openTab(false), openTab(false)];
  const views = tabs.map(({ hub }) => openView(hub));
  await scheduler.advance(100);
  server.append(logEvent('a'));
  await scheduler.advance(100);
  expect(server.open).toBe(2);
  expect(views.map((view) => view.messages())).toEqual([['a'], ['a']]);
  expect(tabs[0]?.seen.role).toBe('alone');
});

test('the tab hub lets any tab ask for a new connection', async () => {
  const { scheduler, server, openTab } = setUp();
  const [, two] = [openTab(), openTab()];
  await scheduler.advance(500);
  server.refuse = () => new Response(null, { status: 204 });
  server.cut();
  await scheduler.advance(2_000);
  expect(two.seen.report.phase).toBe('closed');
  server.refuse = () => undefined;
  two.hub.reconnectNow('clicked');
  await scheduler.advance(500);
  expect(two.seen.report.phase).toBe('live');
});

test('the tab hub moves every tab into the new journal when the server lost the old one', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const [one, two] = [openTab(), openTab()];
  const views = [openView(one.hub), openView(two.hub)];
  await scheduler.advance(500);
  server.append(logEvent('old'));
  await scheduler.advance(500);
  server.reset('EpochBB2');
  server.append(logEvent('new'));
  const fresh = openView(openTab().hub, {}, server.head);
  await scheduler.advance(5_000);
  server.append(logEvent('newer'));
  await scheduler.advance(500);
  for (const view of views) {
    expect(view.messages()).toEqual(['old', 'new', 'newer']);
    expect(view.notices.filter((kind) => kind === 'reset')).toHaveLength(1);
  }
  expect(fresh.messages()).toEqual(['newer']);
});
