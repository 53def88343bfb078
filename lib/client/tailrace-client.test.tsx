import { renderToString } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import type { PageListener } from './page-signals.ts';
import { createBrowserClient, TailraceClient } from './tailrace-client.ts';
import { TailraceProvider } from './tailrace-provider.tsx';
import { FakeBrowser } from './testing/fake-browser.ts';
import { FakeScheduler } from './testing/fake-scheduler.ts';
import { FakeServer, logEvent } from './testing/fake-server.ts';
import { useConnection, useServices } from './use-connection.ts';
import { useLogState, useLogs } from './use-logs.ts';
import { useMetricState, useMetrics } from './use-metrics.ts';

function setUp() {
  const scheduler = new FakeScheduler();
  const server = new FakeServer(scheduler);
  const browser = new FakeBrowser();
  const page: { on?: PageListener } = {};
  let tabs = 0;
  const client = new TailraceClient({
    tabId: () => {
      tabs += 1;
      return `tab${tabs}`;
    },
    fetch: server.fetch,
    scheduler,
    signals: {
      isOnline: () => true,
      listen: (on) => {
        page.on = on;
        return () => delete page.on;
      },
    },
    ports: () => browser.ports('tab'),
    storage: () => undefined,
  });
  return { scheduler, server, client, page };
}

describe('the client of a tab', () => {
  test('connects when it starts and holds nothing when it is disposed of, as often as that happens', async () => {
    const { scheduler, server, client, page } = setUp();
    expect(scheduler.timers).toBe(1);
    for (let round = 0; round < 3; round += 1) {
      const release = client.start();
      await scheduler.advance(1_000);
      expect(server.open).toBe(1);
      expect(client.connection.getState()).toMatchObject({ phase: 'live', role: 'leader', tabs: 1 });
      release();
      await scheduler.advance(1);
      expect(server.open).toBe(0);
      expect(page.on).toBeUndefined();
      expect(scheduler.timers).toBe(1);
    }
    server.dispose();
    expect(scheduler.timers).toBe(0);
  });

  test('leaves the stream with the page and takes it up where it was when the page comes back', async () => {
    const { scheduler, server, client, page } = setUp();
    client.start();
    const logs = client.logs({ page: server.page(new URLSearchParams()), filter: {} });
    const detach = logs.attach();
    await scheduler.advance(500);
    page.on?.hide();
    await scheduler.advance(1);
    expect(client.connection.getState().phase).toBe('idle');
    expect(server.open).toBe(0);
    server.append(logEvent('while away', 'api'));
    await scheduler.advance(60_000);
    page.on?.show();
    await scheduler.advance(500);
    expect(logs.store.getState().rows).toHaveLength(1);
    expect(client.services.getState()).toEqual(['api']);
    detach();
    client.dispose();
    server.dispose();
  });

  test('tells its stores of gaps, and reconnects when asked', async () => {
    const { scheduler, server, client } = setUp();
    client.start();
    const logs = client.logs({ page: server.page(new URLSearchParams()), filter: {} });
    const detach = logs.attach();
    await scheduler.advance(500);
    client.reconnectNow();
    server.append(logEvent('a'), logEvent('b'), logEvent('c'));
    await scheduler.advance(500);
    server.cut();
    server.append(logEvent('d'), logEvent('e'), logEvent('f'));
    server.retained = 5;
    await scheduler.advance(2_000);
    const { gaps, lost, reconnects, received } = client.connection.getState();
    expect({ gaps: gaps.length, lost, reconnects, received }).toEqual({ gaps: 1, lost: 2, reconnects: 2, received: 4 });
    detach();
    client.dispose();
    server.dispose();
  });
});

function Page() {
  const logs = useLogs({ page: { events: [], head: 'EpochAA1.0', before: null, after: 'EpochAA1.0' }, filter: {} });
  const metricPage = { fromMs: 0, toMs: 1, stepMs: 1, position: 'EpochAA1.0', series: [], omitted: 0 };
  const metrics = useMetrics({ page: metricPage, range: '15m' });
  const older = useLogState(logs, (state) => state.older);
  const range = useMetricState(metrics, (state) => state.range);
  const phase = useConnection((connection) => connection.phase);
  return <p>{[phase, String(older), range, useServices().length].join(' ')}</p>;
}

function Lost() {
  return useConnection((connection) => connection.phase);
}

describe('the hooks', () => {
  test('render on the server what the page holds, and touch nothing of a browser', () => {
    const html = renderToString(
      <TailraceProvider client={createBrowserClient()}>
        <Page />
      </TailraceProvider>,
    );
    expect(html).toBe('<p>idle end 15m 0</p>');
  });

  test('say what is missing without a provider', () => {
    expect(() => renderToString(<Lost />)).toThrow('expected <TailraceProvider>');
  });
});
