import type { Page } from '@playwright/test';
import { TRANSPORT_WORDS } from '@/lib/client/transport-words.ts';
import { CLIENT_TRANSPORTS } from '@/lib/core/client-transport.ts';
import { BufferingProxy } from '../support/buffering-proxy.ts';
import { LogPage } from './log-page.ts';
import { numbered, numbers, SteadyPublisher } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

const transport = (page: Page) => page.getByTestId('transport');
const tries = (page: Page) => page.getByRole('region', { name: 'Transport', exact: true }).locator('tbody tr');
const choice = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Transport' }).getByRole('radio', { name, exact: true });

for (const name of CLIENT_TRANSPORTS) {
  test(`By ${TRANSPORT_WORDS[name]}, which the address names, lines arrive before and after a cut, each once`, async ({
    page,
    server,
  }) => {
    await server.publish(numbered(0, 30));
    const logs = new LogPage(page);
    await logs.open(`/logs?transport=${name}`);
    await server.publish(numbered(30, 30));
    await expect(logs.line(59)).toBeVisible();
    await server.kill();
    await expect(logs.badge).not.toHaveAttribute('data-phase', 'live');
    await server.restart();
    await server.publish(numbered(60, 30));
    await logs.retryNow();
    await expect(logs.line(89)).toBeVisible();
    expect(await logs.readNumbers()).toEqual(numbers(0, 90));
    await logs.openOwnConnection();
    await expect(page.getByTestId('verdict')).toHaveText('live · 0 lost · 0 repeated');
    await expect(transport(page)).toHaveText(`${TRANSPORT_WORDS[name]}, because the address of the page says so.`);
    await expect(tries(page).first()).toContainText('in use');
  });
}

test('Changing the transport by hand in mid-stream, under load and from another tab, loses and repeats nothing', async ({
  page,
  context,
  server,
}) => {
  const logs = new LogPage(page);
  await logs.open();
  const publisher = new SteadyPublisher(server.url);
  const other = await context.newPage();
  await new LogPage(other).open('/connection');
  const order = ['WebSocket', 'HTTP stream', 'Long poll', 'SSE', 'WebSocket', 'Long poll', 'Automatic'];
  for (const name of order) {
    await choice(other, name).check({ force: true });
    const used = name === 'Automatic' ? 'SSE' : name;
    // Both tabs tell what the one stream is read by.
    await expect(transport(other)).toContainText(`${used}, because`);
    await expect(other.getByTestId('connection-badge')).toHaveAttribute('data-phase', 'live');
    await other.waitForTimeout(300);
  }
  await expect(other).toHaveURL(/\/connection$/);
  await expect(transport(other).locator('..')).toContainText('changed its transport 7 times');
  await expect(other.getByText('The connection has not been lost since this page was opened.')).toBeVisible();
  await other.close();
  const sent = await publisher.stop();
  await expect(logs.line(sent - 1)).toBeVisible();
  expect(await logs.readNumbers()).toEqual(numbers(0, sent));
  await logs.nothingLostOrRepeated();
});

test('What was chosen by hand is in the address and remembered by the next page', async ({ page, server }) => {
  await server.publish(numbered(0, 3));
  const logs = new LogPage(page);
  await logs.open('/connection');
  await choice(page, 'SSE').focus();
  await choice(page, 'Automatic').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/\/connection\?transport=ws$/);
  await expect(transport(page)).toHaveText('WebSocket, because it was chosen by hand.');
  await logs.open('/connection');
  await expect(transport(page)).toHaveText('WebSocket, because it was chosen by hand.');
  await expect(choice(page, 'WebSocket')).toBeChecked();
});

test.describe('Behind a proxy that holds event streams back', () => {
  // At the heartbeat of the other tests the server itself gives a held stream up before the page can.
  test.use({ environment: { TAILRACE_HEARTBEAT_MS: '5000' } });
  const cases = [
    { webSockets: true, holds: ['text/event-stream'], used: 'WebSocket' },
    { webSockets: false, holds: ['text/event-stream'], used: 'HTTP stream' },
    { webSockets: false, holds: ['text/event-stream', 'application/x-ndjson'], used: 'Long poll' },
  ];
  for (const { used, ...options } of cases) {
    test(`the page falls back to ${used}, says why, and misses nothing`, async ({ page, server }) => {
      const proxy = await BufferingProxy.start(server.url, options);
      try {
        await server.publish(numbered(0, 5));
        const logs = new LogPage(page);
        await page.goto(`${proxy.url}/logs`);
        await expect(logs.line(4)).toBeVisible();
        await server.publish(numbered(5, 40));
        await expect(logs.line(44)).toBeVisible();
        await logs.isLive();
        await server.publish(numbered(45, 5));
        await expect(logs.line(49)).toBeVisible();
        expect(await logs.readNumbers()).toEqual(numbers(0, 50));
        await logs.openOwnConnection();
        await expect(transport(page)).toContainText(`${used}, because`);
        const first = tries(page).last();
        await expect(first).toContainText('SSE');
        await expect(first).toContainText('failed: brought nothing within 4 s, although the server answers otherwise');
        await expect(page.getByTestId('verdict')).toHaveText('live · 0 lost · 0 repeated');
        // The next page does not wait for what is known not to work.
        await page.reload();
        await logs.isLive();
        await expect(tries(page)).toHaveCount(1);
        await expect(transport(page)).toContainText(`${used}, because it worked last time, when SSE`);
      } finally {
        await proxy.stop();
      }
    });
  }
});
