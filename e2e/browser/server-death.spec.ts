import { LogPage, numbersOf } from './log-page.ts';
import { numbered, numbers, SteadyPublisher } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test('A killed server loses and repeats nothing: the page counts down, comes back and says so', async ({
  page,
  server,
}) => {
  const logs = new LogPage(page);
  await logs.open();
  const publisher = new SteadyPublisher(server.url);
  await expect.poll(() => publisher.sent).toBeGreaterThan(50);
  await server.kill();
  await expect(logs.badge).toHaveAttribute('data-phase', 'waiting');
  await expect(logs.badge).toContainText(/reconnecting in \d+ s/);
  await expect(page.getByRole('button', { name: 'Retry now' })).toBeVisible();
  await server.restart();
  await logs.isLive();
  const sentAfter = publisher.sent + 50;
  await expect.poll(() => publisher.sent).toBeGreaterThan(sentAfter);
  const sent = await publisher.stop();
  await expect(logs.line(sent - 1)).toBeVisible();
  await logs.nothingLostOrRepeated();
  const rows = await logs.readAll();
  expect(numbersOf(rows)).toEqual(numbers(0, sent));
  const markers = rows.filter(({ marker }) => marker !== null).map(({ text }) => text);
  expect(markers).toEqual([expect.stringMatching(/reconnected after [\d.]+ s · [\d,]+ lines? caught up · 0 lost/)]);
});

test('Three deaths in a row are three outages, and still every line is there once', async ({ page, server }) => {
  const logs = new LogPage(page);
  await logs.open();
  const publisher = new SteadyPublisher(server.url, { batchLines: 20 });
  for (let death = 1; death <= 3; death += 1) {
    const before = publisher.sent;
    await expect.poll(() => publisher.sent).toBeGreaterThan(before);
    await server.kill();
    await expect(logs.badge).not.toHaveAttribute('data-phase', 'live');
    await server.restart();
    await logs.retryNow();
    await logs.isLive();
  }
  const sent = await publisher.stop();
  await expect(logs.line(sent - 1)).toBeVisible();
  await logs.nothingLostOrRepeated();
  const rows = await logs.readAll();
  expect(rows.filter(({ marker }) => marker === 'reconnected')).toHaveLength(3);
  expect(numbersOf(rows)).toEqual(numbers(0, sent));
  await logs.openOwnConnection();
  await expect(page.getByTestId('total-reconnects')).toHaveText('3');
  await expect(page.getByRole('region', { name: 'Reconnects', exact: true }).locator('tbody tr')).toHaveCount(3);
});

test('A reader who paused before the server died keeps his place and finds everything below', async ({
  page,
  server,
}) => {
  await server.publish(numbered(0, 100));
  const logs = new LogPage(page);
  await logs.open();
  await logs.pause();
  const key = await logs.firstInSight();
  const before = await logs.topOf(key);
  await server.kill();
  await server.restart();
  await logs.retryNow();
  await server.publish(numbered(100, 50));
  await expect(logs.pill).toHaveText('50 new lines');
  expect(await logs.topOf(key)).toBe(before);
  await logs.pill.click();
  await expect(logs.line(149)).toBeInViewport();
  expect(await logs.readNumbers()).toEqual(numbers(0, 150));
  await logs.nothingLostOrRepeated();
});

test('A filter that was on before the server died is on after it', async ({ page, server }) => {
  const logs = new LogPage(page);
  await logs.open('/logs?level=warn');
  await server.publish(numbered(0, 5, { level: 'error' }));
  await expect(logs.line(4)).toBeVisible();
  await server.kill();
  await server.restart();
  await logs.retryNow();
  await server.publish([...numbered(5, 5), ...numbered(10, 5, { level: 'warn' })]);
  await expect(logs.line(14)).toBeVisible();
  expect(await logs.readNumbers()).toEqual([...numbers(0, 5), ...numbers(10, 5)]);
  await logs.nothingLostOrRepeated();
});
