import type { BrowserContext } from '@playwright/test';
import { LogPage } from './log-page.ts';
import { numbered, numbers, SteadyPublisher } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

async function openTab(context: BrowserContext, address = '/logs'): Promise<LogPage> {
  const tab = new LogPage(await context.newPage());
  await tab.open(address);
  return tab;
}

test('Eight tabs are live over one connection, where HTTP/1.1 allows six', async ({ context, server }) => {
  const tabs: LogPage[] = [];
  for (let count = 0; count < 8; count += 1) tabs.push(await openTab(context));
  await server.publish(numbered(0, 20));
  for (const tab of tabs) await expect(tab.lines).toHaveCount(20);
  for (const tab of tabs) await tab.nothingLostOrRepeated();
  expect(await server.metric('tailrace_connections')).toBe(1);
});

test('When the tab that holds the stream closes, the next takes over and the others miss nothing', async ({
  context,
  server,
}) => {
  const leader = await openTab(context);
  const others = [await openTab(context), await openTab(context)];
  const publisher = new SteadyPublisher(server.url);
  await expect.poll(() => publisher.sent).toBeGreaterThan(50);
  await leader.page.close();
  const sentThen = publisher.sent;
  await expect.poll(() => publisher.sent).toBeGreaterThan(sentThen + 100);
  const sent = await publisher.stop();
  for (const tab of others) {
    await tab.page.bringToFront();
    await expect(tab.line(sent - 1)).toBeVisible();
    await tab.nothingLostOrRepeated();
    expect(await tab.readNumbers()).toEqual(numbers(0, sent));
  }
  await server.untilMetric('tailrace_connections', (connections) => connections === 1);
});

test('Tabs with different filters see exactly what is theirs over the shared stream', async ({ context, server }) => {
  const all = await openTab(context);
  const warn = await openTab(context, '/logs?level=warn');
  const mail = await openTab(context, '/logs?service=mail');
  const found = await openTab(context, '/logs?q=LINE 7');
  await server.publish([
    ...numbered(0, 5),
    ...numbered(5, 5, { level: 'error', service: 'mail' }),
    ...numbered(10, 5, { service: 'mail' }),
  ]);
  const expected = [
    [all, numbers(0, 15)],
    [warn, numbers(5, 5)],
    [mail, numbers(5, 10)],
    [found, [7]],
  ] as const;
  for (const [tab, lines] of expected) {
    await tab.page.bringToFront();
    await expect(tab.lines).toHaveCount(lines.length);
    expect(await tab.readNumbers()).toEqual(lines);
    await tab.nothingLostOrRepeated();
  }
  expect(await server.metric('tailrace_connections')).toBe(1);
});

test('A tab that opens late begins where its page ends, and the connection page names the tabs', async ({
  context,
  server,
}) => {
  const first = await openTab(context);
  const publisher = new SteadyPublisher(server.url);
  await expect.poll(() => publisher.sent).toBeGreaterThan(50);
  const second = await openTab(context);
  const sentThen = publisher.sent;
  await expect.poll(() => publisher.sent).toBeGreaterThan(sentThen + 50);
  const sent = await publisher.stop();
  for (const tab of [first, second]) {
    await tab.page.bringToFront();
    await expect(tab.lines.last()).toContainText(`line ${sent - 1}`);
    expect(await tab.readNumbers()).toEqual(numbers(0, sent));
    await tab.nothingLostOrRepeated();
  }
  await second.page.goto('/connection');
  await expect(second.page.getByRole('region', { name: 'Verdict' })).toContainText('2 in all');
});

test('A server that dies under several tabs comes back to all of them without a loss', async ({ context, server }) => {
  const logTabs = [await openTab(context), await openTab(context)];
  const tabs = [...logTabs, await openTab(context, '/metrics')];
  await server.publish(numbered(0, 10));
  await server.kill();
  for (const tab of tabs) await expect(tab.badge).not.toHaveAttribute('data-phase', 'live');
  await server.restart();
  await logTabs[1]?.retryNow();
  await server.publish(numbered(10, 30));
  for (const tab of tabs) await tab.isLive();
  for (const tab of logTabs) {
    await tab.page.bringToFront();
    await expect(tab.line(39)).toBeVisible();
    expect(await tab.readNumbers()).toEqual(numbers(0, 40));
    await tab.nothingLostOrRepeated();
  }
});
