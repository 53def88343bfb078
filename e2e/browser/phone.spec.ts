import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

const EVENTS = [
  ...numbered(0, 60, { service: 'a-service-with-a-rather-long-name', message: `line ${'long '.repeat(80)}` }),
  { kind: 'metric', name: 'a.metric.with.a.rather.long.name.for.a.phone', value: 1, service: 'shop' },
];

for (const width of [390, 360]) {
  test(`At ${width} px nothing scrolls sideways and every screen is one tap away`, async ({ page, server }) => {
    await page.setViewportSize({ width, height: 740 });
    await server.publish(EVENTS);
    const logs = new LogPage(page);
    await logs.open();
    for (const name of ['Logs', 'Metrics', 'Sources', 'Connections', 'System']) {
      const link = page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name, exact: true });
      await expect(link).toBeInViewport({ ratio: 1 });
      await link.click();
      await expect(page).toHaveTitle(new RegExp(name));
      await expect(page.locator('main')).not.toHaveText(/^Loading/);
      expect(await sideways(page)).toEqual([]);
      await expect(logs.badge).toBeInViewport({ ratio: 1 });
    }
  });
}

test.describe('with the demo label in the bar', () => {
  test.use({ environment: { TAILRACE_DEMO: '1' }, viewport: { width: 360, height: 740 } });

  test('On the smallest phone a lost connection and its button fit beside the rest', async ({ page, server }) => {
    const logs = new LogPage(page);
    await logs.open();
    await expect(logs.lines).not.toHaveCount(0);
    await server.kill();
    await expect(logs.badge).toHaveAttribute('data-phase', 'waiting');
    await expect(logs.badge).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole('button', { name: 'Retry now' })).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole('button', { name: /^Theme/ })).toBeInViewport({ ratio: 1 });
    await expect(logs.badge).toContainText(/reconnecting/);
    expect(await sideways(page)).toEqual([]);
  });
});

test('On a phone a line opens as a sheet above the list, and closes again', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 740 });
  await server.publish(EVENTS);
  const logs = new LogPage(page);
  await logs.open();
  await logs.lines.last().click();
  await expect(logs.detail).toBeInViewport({ ratio: 1 });
  expect(await sideways(page)).toEqual([]);
  await expect(logs.scroller.locator('[aria-selected="true"]')).toBeInViewport();
  await page.getByRole('button', { name: 'Close (Esc)' }).click();
  await expect(logs.detail).toBeHidden();
});

test('On a phone the list of services fits the window, with names of any length', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 740 });
  await server.publish(EVENTS);
  await new LogPage(page).open();
  for (const path of ['/logs', '/metrics']) {
    await page.goto(path);
    await page.getByRole('button', { name: 'All services' }).click();
    const list = page.getByRole('listbox', { name: 'services' });
    await expect(list).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole('combobox', { name: 'Find services' })).toBeInViewport({ ratio: 1 });
    expect(await sideways(page)).toEqual([]);
  }
});

test('A line that reads from the right is cut at its end, and keeps apart from its attributes', async ({
  page,
  server,
}) => {
  await page.setViewportSize({ width: 390, height: 740 });
  const message = 'فشل الاتصال بقاعدة البيانات، سيعاد المحاولة خلال خمس ثوان من الآن وهكذا حتى ينجح الاتصال';
  await server.publish([{ message }, { message: 'שולם', attributes: { סכום: 42 } }]);
  const logs = new LogPage(page);
  await logs.open();
  const first = await edges(logs.lines.first(), 'فشل');
  expect(first.right).toBeLessThanOrEqual(390);
  expect(first.right).toBeGreaterThan(300);
  const [word, attribute] = [await edges(logs.lines.last(), 'שולם'), await edges(logs.lines.last(), 'סכום')];
  expect(attribute.right).toBeLessThan(word.left);
});

/** Where a word of a row stands in the window, in px. */
function edges(row: import('@playwright/test').Locator, word: string): Promise<{ left: number; right: number }> {
  return row.evaluate((element, wanted) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const at = node.textContent?.indexOf(wanted) ?? -1;
      if (at === -1) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      const { left, right } = range.getBoundingClientRect();
      return { left, right };
    }
    throw new Error(`no "${wanted}" in the row`);
  }, word);
}

/** Elements that stick out of the window, or scroll sideways without being made to. */
function sideways(page: import('@playwright/test').Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = [...document.querySelectorAll('html, body, header, nav, main, main *')].filter((element) => {
      const { overflowX } = getComputedStyle(element);
      const scrolls = element.scrollWidth > element.clientWidth + 1 && ['auto', 'scroll'].includes(overflowX);
      if (scrolls) return !element.getAttribute('aria-label')?.endsWith('scrollable');
      return element === document.documentElement && element.scrollWidth > window.innerWidth;
    });
    return wide.map((element) => `${element.tagName} ${element.className}`.slice(0, 120));
  });
}
