import { afterEach, expect, test } from 'vitest';
import { logEvent } from './testing/fake-server.ts';
import { openBrowser } from './testing/tab-bench.ts';
import type { TransportWish } from './transport-try.ts';

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

function setUp() {
  const bench = openBrowser();
  disposals.push(bench.dispose);
  return bench;
}

const byHand = (wish: TransportWish) => ({ wish, why: 'it was chosen by hand', remember: true });
const byAddress = (wish: TransportWish) => ({ wish, why: 'the address of the page says so', remember: false });

test('a transport chosen in one tab changes the one stream of all, and all tell of it', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const [leader, follower] = [openTab(), openTab()];
  const views = [openView(leader.hub), openView(follower.hub)];
  await scheduler.advance(1_000);
  server.append(logEvent('m1'));
  follower.hub.wish(byHand('ws'));
  server.append(logEvent('m2'));
  await scheduler.advance(1_000);
  expect(server.opened.at(-1)).toBe('ws');
  expect(server.open).toBe(1);
  for (const { seen } of [leader, follower]) {
    expect(seen.report).toMatchObject({ transport: 'ws', wish: 'ws', why: 'it was chosen by hand', switches: 1 });
    expect(seen.report.tried.map(({ transport }) => transport)).toContain('sse');
  }
  for (const view of views) expect(view.messages()).toEqual(['m1', 'm2']);
});

test('a tab that takes the stream over goes on by the transport that was chosen', async () => {
  const { scheduler, server, openTab, openView } = setUp();
  const leader = openTab();
  openView(leader.hub);
  const follower = openTab();
  const view = openView(follower.hub);
  await scheduler.advance(1_000);
  follower.hub.wish(byHand('http'));
  await scheduler.advance(1_000);
  leader.crash();
  server.append(logEvent('m1'));
  await scheduler.advance(1_000);
  expect(follower.seen).toMatchObject({ role: 'leader', report: { transport: 'http', wish: 'http', phase: 'live' } });
  expect(view.messages()).toEqual(['m1']);
});

test('the address of a tab counts, whether it leads or another does', async () => {
  const { scheduler, server, openTab } = setUp();
  const first = openTab(true, () => byAddress('poll'));
  await scheduler.advance(1_000);
  expect(first.seen.report).toMatchObject({ transport: 'poll', why: 'the address of the page says so' });
  const second = openTab(true, () => byAddress('ws'));
  await scheduler.advance(5_000);
  expect(first.seen.report.transport).toBe('ws');
  expect(second.seen.report.transport).toBe('ws');
  expect(server.open).toBe(1);
});
