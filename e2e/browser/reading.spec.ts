import { LogPage, numbersOf } from './log-page.ts';
import { numbered, numbers, SteadyPublisher } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test('Space pauses: rows stand still, the pill counts what came, and Space again shows the newest', async ({
  page,
  server,
}) => {
  await server.publish(numbered(0, 200));
  const logs = new LogPage(page);
  await logs.open();
  await page.keyboard.press('Space');
  await expect(page.getByTestId('follow-toggle')).toHaveText('Follow');
  const key = await logs.firstInSight();
  const before = await logs.topOf(key);
  for (const [from, count] of [
    [200, 1],
    [201, 122],
  ] as const) {
    await server.publish(numbered(from, count));
    const lines = from + count - 200;
    await expect(logs.pill).toHaveText(`${lines} new line${lines === 1 ? '' : 's'}`);
    expect(await logs.topOf(key)).toBe(before);
    expect(await logs.firstInSight()).toBe(key);
  }
  await page.keyboard.press('Space');
  await expect(logs.pill).toBeHidden();
  await expect(logs.line(322)).toBeInViewport();
  expect(await logs.readNumbers()).toEqual(numbers(0, 323));
});

test('Scrolling up stops the list under the reader while lines stream in, and the pill leads back', async ({
  page,
  server,
}) => {
  await server.publish(numbered(0, 300));
  const logs = new LogPage(page);
  await logs.open();
  const publisher = new SteadyPublisher(server.url);
  await logs.scroller.hover();
  await page.mouse.wheel(0, -600);
  await expect(logs.pill).toBeVisible();
  // Wheel scrolling is smooth: the place is known once two looks agree.
  let key = '';
  await expect
    .poll(async () => {
      const last = key;
      key = await logs.firstInSight();
      return key === last;
    })
    .toBe(true);
  const before = await logs.topOf(key);
  const sentBefore = publisher.sent;
  await expect.poll(() => publisher.sent).toBeGreaterThan(sentBefore + 100);
  expect(await logs.topOf(key)).toBe(before);
  const sent = await publisher.stop();
  await logs.pill.click();
  await expect(logs.lines.last()).toContainText(`line ${sent - 1}`);
  await expect(logs.lines.last()).toBeInViewport();
  await logs.nothingLostOrRepeated();
});

test('Scrolling to the end by hand follows again', async ({ page, server }) => {
  await server.publish(numbered(0, 200));
  const logs = new LogPage(page);
  await logs.open();
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageUp');
  await expect(logs.pill).toBeVisible();
  await logs.scroller.hover();
  await page.mouse.wheel(0, 20_000);
  await expect(logs.pill).toBeHidden();
  await server.publish(numbered(200, 1));
  await expect(logs.line(200)).toBeInViewport();
});

test('Older lines are loaded on the way up, without moving what is being read', async ({ page, server }) => {
  await server.publish(numbered(0, 1800));
  const logs = new LogPage(page);
  await logs.open();
  const asked = page.waitForResponse((response) => response.url().includes('/api/events?'));
  await page.keyboard.press('Home');
  // Read while the older lines are on their way: their arrival must not move the row.
  const key = await logs.firstInSight();
  const before = await logs.topOf(key);
  await asked;
  await expect.poll(() => logs.scroller.evaluate((scroller) => scroller.scrollHeight)).toBeGreaterThan(800 * 22);
  expect(await logs.topOf(key)).toBe(before);
  while ((await page.getByText('Nothing older is kept').count()) === 0) await page.keyboard.press('Home');
  await page.keyboard.press('Home');
  await expect(logs.line(0)).toBeVisible();
  expect(await logs.readNumbers()).toEqual(numbers(0, 1800));
});

test('A reader who is far up keeps his place while more lines come than the tab can hold', async ({ page, server }) => {
  await server.publish(numbered(0, 600));
  const logs = new LogPage(page);
  await logs.open();
  await logs.pause();
  const key = await logs.firstInSight();
  const before = await logs.topOf(key);
  for (let from = 600; from < 24_600; from += 4000) await server.publish(numbered(from, 4000));
  await expect(logs.pill).toHaveText('24,000 new lines');
  expect(await logs.topOf(key)).toBe(before);
  await logs.pill.click();
  await expect(logs.line(24_599)).toBeInViewport();
  const end = numbersOf(await logs.drawn());
  expect(end).toEqual(numbers(24_600 - end.length, end.length));
  await page.keyboard.press('Home');
  await expect(logs.line(4600)).toBeVisible();
  await logs.nothingLostOrRepeated();
});
