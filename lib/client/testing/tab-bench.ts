import type { StreamedEvent } from '@/lib/core/event.ts';
import type { Filter } from '@/lib/core/filter.ts';
import type { TabRole } from '../state.ts';
import { emptyReport } from '../stream-batch.ts';
import { TabHub } from '../tab-hub.ts';
import type { WishAsked } from '../transport-try.ts';
import { FakeBrowser } from './fake-browser.ts';
import { FakeScheduler } from './fake-scheduler.ts';
import { FakeServer } from './fake-server.ts';

/** A server and a browser in which tabs and views are opened, on one clock. */
export function openBrowser() {
  const disposals: (() => void)[] = [];
  const scheduler = new FakeScheduler();
  const server = new FakeServer(scheduler);
  const browser = new FakeBrowser();
  let tabs = 0;
  const openTab = (withPorts = true, wish?: () => WishAsked) => {
    tabs += 1;
    const tabId = `tab${tabs}`;
    const seen = { report: emptyReport(0), role: 'follower' as TabRole, tabs: 0 };
    let dead = false;
    const hub = new TabHub({
      tabId: () => tabId,
      scheduler,
      fetch: (...given) => (dead ? new Promise(() => undefined) : server.fetch(...given)),
      openWebSocket: server.openWebSocket,
      isOnline: () => true,
      wish,
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
  const dispose = () => {
    for (const end of disposals.splice(0)) end();
  };
  return { scheduler, server, browser, openTab, openView, dispose };
}
