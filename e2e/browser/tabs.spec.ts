import type { BrowserContext, Page } from '@playwright/test';
import { LogPage } from './log-page.ts';
import { numbered, numbers, SteadyPublisher } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

async function openTabs(context: BrowserContext, addresses: readonly string[]): Promise<LogPage[]> {
  const tabs: LogPage[] = [];
  for (const address of addresses) {
    const tab = new LogPage(await context.newPage());
    await tab.open(address);
    tabs.push(tab);
  }
  return tabs;
}

async function roleOf(page: Page): Promise<string> {
  return (await page.getByRole('region', { name: 'Verdict' }).textContent()) ?? '';
}

test('Eight tabs are live over one connection, where HTTP/1.1 allows six', async ({ context, server }) => {
  const tabs = await openTabs(
    context,
    Array.from({ length: 8 }, () => '/logs'),
  );
  await server.publish(numbered(0, 20));
  for (const tab of tabs) await expect(tab.lines).toHaveCount(20);
  for (const tab of tabs) await tab.nothingLostOrRepeated();
  expect(await server.metric('tailrace_connections')).toBe(1);
});

test('When the tab that holds the stream closes, the next takes over and the others miss nothing', async ({
  context,
  server,
}) => {
  const [leader, ...others] = await openTabs(context, ['/logs', '/logs', '/logs']);
  const publisher = new SteadyPublisher(server.url);
  await expect.poll(() => publisher.sent).toBeGreaterThan(50);
  await leader?.page.close();
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
  const [all, warn, mail, found] = await openTabs(context, [
    '/logs',
    '/logs?level=warn',
    '/logs?service=mail',
    '/logs?q=LINE 7',
  ]);
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
    await tab?.page.bringToFront();
    await expect(tab?.lines ?? context.pages()[0]?.locator('x') ?? '').toHaveCount(lines.length);
    expect(await tab?.readNumbers()).toEqual(lines);
    await tab?.nothingLostOrRepeated();
  }
  expect(await server.metric('tailrace_connections')).toBe(1);
});

test('A tab that opens late begins where its page ends, and the connection page names the tabs', async ({
  context,
  server,
}) => {
  const [first] = await openTabs(context, ['/logs']);
  const publisher = new SteadyPublisher(server.url);
  await expect.poll(() => publisher.sent).toBeGreaterThan(50);
  const [second] = await openTabs(context, ['/logs']);
  const sentThen = publisher.sent;
  await expect.poll(() => publisher.sent).toBeGreaterThan(sentThen + 50);
  const sent = await publisher.stop();
  for (const tab of [first, second]) {
    await tab?.page.bringToFront();
    await expect(tab?.lines.last() ?? first?.badge ?? '').toContainText(`line ${sent - 1}`);
    expect(await tab?.readNumbers()).toEqual(numbers(0, sent));
    await tab?.nothingLostOrRepeated();
  }
  await second?.page.goto('/connection');
  await expect.poll(() => roleOf(second?.page as Page)).toMatch(/2 tabs|another tab/);
});

test('A server that dies under several tabs comes back to all of them without a loss', async ({ context, server }) => {
  const tabs = await openTabs(context, ['/logs', '/logs', '/metrics']);
  const logTabs = tabs.slice(0, 2);
  await server.publish(numbered(0, 10));
  await server.kill();
  for (const tab of tabs) await expect(tab.badge).not.toHaveAttribute('data-phase', 'live');
  await server.restart();
  await server.publish(numbered(10, 30));
  for (const tab of tabs) await tab.isLive();
  for (const tab of logTabs) {
    await tab.page.bringToFront();
    await expect(tab.line(39)).toBeVisible();
    expect(await tab.readNumbers()).toEqual(numbers(0, 40));
    await tab.nothingLostOrRepeated();
  }
});
