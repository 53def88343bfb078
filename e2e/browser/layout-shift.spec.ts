import type { Page } from '@playwright/test';
import { post } from '../support/ingest-client.ts';
import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

/** Good pages stay below it while they load (web.dev/cls). */
const LOADING_MAX = 0.1;
/** A number that gets another digit moves the word behind it by the width of one: nothing but that is allowed. */
const CHANGING_MAX = 0.002;
const SETTLE_MS = 1500;
const ROUNDS = 5;

type Shift = { readonly value: number; readonly what: string };

/** Notes what moves without anybody having touched the page, by the browser's own measure. */
async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: { value: number; what: string }[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput, sources } = entry as PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
          sources: { node?: Node }[];
        };
        const nodes = sources.flatMap(({ node }) => (node instanceof Element ? node : (node?.parentElement ?? [])));
        const what = nodes.map(
          (node) => `<${node.tagName} ${node.getAttribute('class')}> ${node.textContent?.slice(0, 40)}`,
        );
        if (!hadRecentInput) shifts.push({ value, what: what.join(' | ') });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** What has moved since it was asked last. */
function takeShifts(page: Page): Promise<Shift[]> {
  return page.evaluate(() => (Reflect.get(window, 'shifts') as Shift[]).splice(0));
}

const samples = (value: number) => [
  { kind: 'metric', name: 'queue.depth', value, unit: '1', service: 'shop' },
  ...['a', 'b'].map((route) => {
    return { kind: 'metric', name: 'latency', value: value * 1.7, unit: 'ms', service: 'shop', attributes: { route } };
  }),
];

const sum = (shifts: readonly Shift[]) => shifts.reduce((total, { value }) => total + value, 0);

for (const width of [1280, 390]) {
  for (const path of ['/logs', '/metrics', '/sources', '/sources?add=curl', '/connections', '/access']) {
    test(`${path} does not jump at ${width} px, while it loads or when values change`, async ({ page, server }) => {
      await page.setViewportSize({ width, height: 800 });
      await server.publish([...numbered(0, 200, { service: 'mail' }), ...samples(1)]);
      await post(server.url, '{"message":1}\n');
      await watchShifts(page);
      await new LogPage(page).open(path);
      await page.waitForTimeout(SETTLE_MS);
      const loading = await takeShifts(page);
      expect(sum(loading), JSON.stringify(loading, null, 1)).toBeLessThan(LOADING_MAX);
      for (let round = 1; round < ROUNDS; round += 1) {
        await server.publish([...numbered(round * 1000, 300 * round, { service: 'mail' }), ...samples(10 * round)]);
        await post(server.url, `${'{"message":1}\n'.repeat(5 * round)}`);
        await page.waitForTimeout(1000);
      }
      const changing = await takeShifts(page);
      expect(sum(changing), JSON.stringify(changing, null, 1)).toBeLessThan(CHANGING_MAX);
    });
  }
}
