import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { StreamedEvent } from '@/lib/core/event.ts';
import type { Filter } from '@/lib/core/filter.ts';
import type { TabRole } from './state.ts';
import { emptyReport } from './stream-batch.ts';
import { TabHub } from './tab-hub.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { FakeScheduler } from './testing/fake-scheduler.ts';
import { FakeServer, logEvent } from './testing/fake-server.ts';

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

function setUp() {
  const scheduler = new FakeScheduler();
  const server = new FakeServer(scheduler);
  const browser = new FakeBrowser();
  let tabs = 0;
  const openTab = (withPorts = true) => {
    tabs += 1;
    const tabId = `tab${tabs}`;
    const seen = { report: emptyReport(0), role: 'follower' as TabRole, tabs: 0 };
    let dead = false;
    const hub = new TabHub({
      tabId,
      scheduler,
      fetch: (...given) => (dead ? new Promise(() => undefined) : server.fetch(...given)),
      isOnline: () => true,
      ports: () => (withPorts ? browser.ports(tabId) : undefined),
      onBatch: () => undefined,
      onReport: (report, role, count) => Object.assign(seen, { report, role, tabs: count }),
      onIllegal: (state, input) => {
        throw new Error(`illegal move ${input.type} in ${state.phase}`);
      },
    });
    hub.start();
    disposals.push(() => hub.stop('test over'));
    /** Silences a crashed tab: what it would still do reaches nobody. */
    const crash = () => {
      browser.crash(tabId);
      dead = true;
      hub.stop('crashed');
    };
    return { hub, seen, tabId, crash };
  };
  const openView = (hub: TabHub, filter: Filter = {}, cursor = server.head) => {
    const events: StreamedEvent[] = [];
    const notices: string[] = [];
    const close = hub.open({
      filter,
      cursor,
      onBatch: (batch) => {
        events.push(...batch.events);
        notices.push(...batch.notices.map((notice) => notice.kind));
      },
    });
    return { events, notices, close, messages: () => events.map((e) => (e.kind === 'log' ? e.message : e.name)) };
  };
  disposals.push(() => server.dispose());
  return { scheduler, server, browser, openTab, openView };
}

describe('the tab hub', () => {
  test('shares one stream among all tabs and mirrors its state', async () => {
    const { scheduler, server, openTab, openView } = setUp();
    const tabs = [openTab(), openTab(), openTab()];
    const views = tabs.map(({ hub }) => openView(hub));
    await scheduler.advance(1_000);
    server.append(logEvent('a'), logEvent('b'));
    await scheduler.advance(1_000);
    expect(server.open).toBe(1);
    expect(views.map((view) => view.messages())).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b']]);
    expect(tabs.map(({ seen }) => seen.role)).toEqual(['leader', 'follower', 'follower']);
    expect(tabs.map(({ seen }) => seen.report.phase)).toEqual(['live', 'live', 'live']);
    expect(tabs.map(({ seen }) => seen.tabs)).toEqual([3, 3, 3]);
    expect(tabs.map(({ seen }) => seen.report.cursor)).toEqual(Array(3).fill('EpochAA1.2'));
  });

  test('gives each view what its own filter lets through, text search included', async () => {
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

  test('brings a new view everything after its page, though the stream has passed there', async () => {
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
  });

  test('hands the stream over without loss when the leader closes or crashes', async () => {
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

  test('takes the stream from a leader that is frozen', async () => {
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

  test('keeps the stream open under a filter that lets nothing through when no view needs events', async () => {
    const { scheduler, server, openTab, openView } = setUp();
    const { hub, seen } = openTab();
    const view = openView(hub, { kind: 'log' });
    await scheduler.advance(500);
    view.close();
    await scheduler.advance(3_000);
    expect(server.urls).toEqual(['/api/stream?kind=metric&level=fatal&from=EpochAA1.0']);
    server.append(logEvent('nobody looks'));
    await scheduler.advance(15_000);
    expect(seen.report).toMatchObject({ phase: 'live', received: 0, cursor: 'EpochAA1.1' });
  });

  test('forgets a crashed tab, so that the stream narrows', async () => {
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

  test('streams alone where the browser has no locks', async () => {
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

  test('lets any tab ask for a new connection', async () => {
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

  test('moves every tab into the new journal when the server lost the old one', async () => {
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
});

const FILTERS: Filter[] = [{}, { kind: 'log' }, { level: 'error' }, { services: ['web'] }, { q: '7' }, { services: ['api', 'web'] }];

describe('any number of tabs that come and go', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), filter: fc.nat(5), behind: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('close', 'crash', 'freeze', 'change'), which: fc.nat(9), filter: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), how: fc.constantFrom('error', 'end') }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6_000 }) }) },
  );

  test('see every matching event after their start exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.integer({ min: 20, max: 2_000 }), async (steps, breaks) => {
        const { scheduler, server, browser, openTab, openView } = setUp();
        let cuts = 0;
        server.breaksAfter = () => (++cuts % 3 === 0 ? breaks + 200 : Number.POSITIVE_INFINITY);
        server.pieces = () => 37;
        type Open = { tab: ReturnType<typeof openTab>; view: ReturnType<typeof openView>; filter: Filter; after: number };
        let open: Open[] = [];
        let sent = 0;
        const begin = (tab: ReturnType<typeof openTab>, filterIndex: number, behind: number): Open => {
          const filter = FILTERS[filterIndex] ?? {};
          const after = Math.max(0, sent - behind);
          return { tab, filter, after, view: openView(tab.hub, filter, `EpochAA1.${after}`) };
        };
        const expected = ({ filter, after }: Open) => {
          const query = new URLSearchParams({ limit: '100000' });
          if (filter.kind) query.set('kind', filter.kind);
          if (filter.level) query.set('level', filter.level);
          if (filter.q) query.set('q', filter.q);
          for (const service of filter.services ?? []) query.append('service', service);
          return server.page(query).events.map((e) => Number(e.position.slice(9))).filter((seq) => seq > after);
        };
        for (const one of steps) {
          const target = 'which' in one && open.length > 0 ? open[one.which % open.length] : undefined;
          if (one.do === 'append') {
            for (let i = 0; i < one.count; i += 1) {
              sent += 1;
              const service = ['web', 'api', 'db'][sent % 3] ?? 'web';
              server.append(logEvent(`m${sent}`, service, sent % 4 === 0 ? 'error' : 'info'));
            }
          } else if (one.do === 'open' && open.length < 6) open.push(begin(openTab(), one.filter, one.behind));
          else if (one.do === 'wait') await scheduler.advance(one.ms);
          else if (one.do === 'cut') server.cut(one.how === 'end' ? 'end' : 'error');
          else if (target && 'filter' in one) {
            if (one.do === 'change') {
              target.view.close();
              open = open.map((each) => (each === target ? begin(target.tab, one.filter, 2) : each));
            } else {
              if (one.do === 'freeze') browser.frozen.add(target.tab.tabId);
              else if (one.do === 'crash') target.tab.crash();
              else target.tab.hub.stop('closed');
              open = open.filter((each) => each !== target);
            }
          }
        }
        await scheduler.advance(120_000);
        for (const each of open) {
          expect(each.view.events.map((event) => Number(event.position.slice(9)))).toEqual(expected(each));
        }
        if (open.length > 0) expect(server.open - browser.frozen.size).toBeLessThanOrEqual(1);
        for (const dispose of disposals.splice(0)) dispose();
        expect(scheduler.timers).toBe(0);
      }),
      { numRuns: 60, seed: 11 },
    );
  }, 60_000);
});
