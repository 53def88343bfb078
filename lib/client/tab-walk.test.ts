import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Filter } from '@/lib/core/filter.ts';
import { logEvent } from './testing/fake-server.ts';
import { openBrowser } from './testing/tab-bench.ts';

type Tab = ReturnType<ReturnType<typeof openBrowser>['openTab']>;
type View = ReturnType<ReturnType<typeof openBrowser>['openView']>;

const FILTERS: Filter[] = [
  {},
  { kind: 'log' },
  { level: 'error' },
  { services: ['web'] },
  { q: '7' },
  { services: ['api', 'web'] },
];

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), filter: fc.nat(5), behind: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('close', 'crash', 'freeze', 'change'),
      which: fc.nat(9),
      filter: fc.nat(5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), how: fc.constantFrom('error', 'end') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6_000 }) }) },
);

test('any number of tabs that come and go see every matching event after their start exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.integer({ min: 20, max: 2_000 }),
      async (steps, breaks) => {
        const { scheduler, server, browser, openTab, openView, dispose } = openBrowser();
        let cuts = 0;
        server.breaksAfter = () => (++cuts % 3 === 0 ? breaks + 200 : Number.POSITIVE_INFINITY);
        server.pieces = () => 37;
        type Open = {
          tab: Tab;
          view: View;
          filter: Filter;
          after: number;
        };
        let open: Open[] = [];
        let sent = 0;
        const begin = (tab: Tab, filterIndex: number, behind: number): Open => {
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
          return server
            .page(query)
            .events.map((e) => Number(e.position.slice(9)))
            .filter((seq) => seq > after);
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
        dispose();
        expect(scheduler.timers).toBe(0);
      },
    ),
    { numRuns: 60, seed: 11 },
  );
}, 60_000);
