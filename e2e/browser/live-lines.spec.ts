import { LogPage } from './log-page.ts';
import { numbered, numbers, SteadyPublisher } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test('A line that is sent stands at the end of the list at once', async ({ page, server }) => {
  await server.publish(numbered(0, 100));
  const logs = new LogPage(page);
  await logs.open();
  for (const number of [100, 101, 102]) {
    await server.publish(numbered(number, 1));
    await expect(logs.lines.last()).toContainText(`line ${number}`);
    await expect(logs.lines.last()).toBeInViewport();
  }
});

test('Every line sent while the page is open is shown once, at its position and in order', async ({ page, server }) => {
  const first = await server.publish(numbered(0, 20));
  const logs = new LogPage(page);
  await logs.open();
  const publisher = new SteadyPublisher(server.url);
  await expect.poll(() => publisher.sent).toBeGreaterThan(300);
  const sent = await publisher.stop();
  await expect(logs.line(sent - 1)).toBeVisible();

  const rows = await logs.readAll();
  const [epoch = ''] = (first.first ?? '').split('.');
  const live = rows.filter(({ text }) => /line \d+/.test(text)).slice(20);
  expect(live.map(({ text }) => Number(/line (\d+)/.exec(text)?.[1]))).toEqual(numbers(0, sent));
  const firstSeq = Number((first.last ?? '').split('.')[1]) + 1;
  expect(live.map(({ key }) => key)).toEqual(numbers(firstSeq, sent).map((seq) => `${epoch}.${seq}`));
  await logs.nothingLostOrRepeated();
});

test('Lines that arrive between the making of the page and its stream are not missing', async ({ page, server }) => {
  await server.publish(numbered(0, 5));
  const streams: (() => void)[] = [];
  await page.route('**/api/stream*', async (route) => {
    await new Promise<void>((resolve) => streams.push(resolve));
    await route.continue();
  });
  const logs = new LogPage(page);
  await page.goto('/logs');
  await expect(logs.line(4)).toBeVisible();
  await expect.poll(() => streams.length).toBe(1);
  await server.publish(numbered(5, 40));
  for (const go of streams) go();
  await expect(logs.line(44)).toBeVisible();
  expect(await logs.readNumbers()).toEqual(numbers(0, 45));
  await logs.nothingLostOrRepeated();
});
