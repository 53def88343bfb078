import { LogPage } from './log-page.ts';
import { expect, test } from './server-fixture.ts';

const SCRIPT = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script><svg onload="window.pwned=1">';

const HOSTILE = [
  { message: SCRIPT, service: SCRIPT, attributes: { [SCRIPT]: SCRIPT, link: 'javascript:window.pwned=1' } },
  { message: '\u001b[31mred\u001b[0m \u001b]8;;javascript:window.pwned=1\u0007link\u001b]8;;\u0007 \u001b[2J\u001b[H' },
  { message: '\u202Eevil\u202C \u2066isolated\u2069 שלום עולם', service: '\u202Eecivres' },
  { message: `wide ${'x'.repeat(200 * 1024)}` },
  { message: '\u200b\u200b\ufeff\u200d', service: '\u200b' },
  { message: `${'e\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308'.repeat(400)}` },
  { message: 'a\r\nb\rc\n\n\nid: 1.1\ndata: {"forged":true}\n\n', service: 'two\nlines' },
  { message: '\u0000nul \u0007bell', attributes: { constructor: 'x', __proto__x: 'y', toString: 'z' } },
  {
    message: '👩‍👩‍👧‍👦'.repeat(300),
    attributes: Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`k${n}`, 'v'.repeat(500)])),
  },
].map((event, index) => ({ kind: 'log', level: 'error', service: 'hostile', ...event, traceId: undefined, n: index }));

test('Nothing a sender writes runs or moves the layout: on arrival, in the first HTML, and opened', async ({
  page,
  server,
  faults,
}) => {
  const logs = new LogPage(page);
  await logs.open();
  await server.publish(HOSTILE);
  await expect(logs.lines).toHaveCount(HOSTILE.length);
  await page.reload();
  await expect(logs.lines).toHaveCount(HOSTILE.length);
  await logs.isLive();

  const boxes = await logs.lines.evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
  expect(new Set(boxes)).toEqual(new Set([22]));
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(width).toBe(0);
  await expect(logs.lines.nth(1)).toContainText('red link');

  for (let index = 0; index < HOSTILE.length; index += 1) {
    await logs.lines.nth(index).click({ position: { x: 8, y: 10 } });
    await expect(logs.detail).toContainText(`n${index}`);
    const overflow = await logs.detail.evaluate((detail) => detail.scrollWidth - detail.clientWidth);
    expect(overflow, `line ${index} in the details`).toBeLessThanOrEqual(1);
  }
  expect(await page.evaluate(() => Reflect.get(window, 'pwned'))).toBeUndefined();
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect(faults.list).toEqual([]);
  await logs.nothingLostOrRepeated();
});

test('Hostile filters in the address are text, or left out', async ({ page, server, faults }) => {
  await server.publish(HOSTILE);
  const logs = new LogPage(page);
  await logs.open(`/logs?q=${encodeURIComponent('<script>window.pwned=1')}&level=<b>&service=`);
  await expect(logs.lines).toHaveCount(1);
  await expect(logs.search).toHaveValue('<script>window.pwned=1');
  expect(await page.evaluate(() => Reflect.get(window, 'pwned'))).toBeUndefined();
  expect(faults.list).toEqual([]);
});
