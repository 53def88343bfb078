import type { Locator, Page } from '@playwright/test';
import { SseClient } from '../support/sse-client.ts';
import { LogPage } from './log-page.ts';
import { numbered, numbers, SteadyPublisher } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

/** The screen of all connections, as an operator uses it. */
class ConnectionsPage extends LogPage {
  readonly table: Locator = this.page.getByRole('region', { name: 'Connections, scrollable' });
  readonly connections: Locator = this.page.locator('[data-connection]');
  readonly own: Locator = this.connections.filter({ hasText: 'this browser' });
  readonly panel: Locator = this.page.getByTestId('connection-detail');
  readonly find: Locator = this.page.getByRole('searchbox', { name: 'Find connections' });

  /** Row of the client with this filter on a service. */
  withService(service: string): Locator {
    return this.connections.filter({ hasText: `service=${service}` });
  }

  openRow(row: Locator): Promise<void> {
    return row.locator('td').nth(1).click();
  }
}

/** Streams from outside the browser, which end with the test. */
const visitors: SseClient[] = [];
test.afterEach(() => {
  for (const visitor of visitors.splice(0)) visitor.close();
});

function visit(url: string, service: string, reconnect = false): SseClient {
  const visitor = new SseClient(url, { query: `?service=${service}`, reconnect });
  visitors.push(visitor);
  return visitor;
}

async function openAddress(page: Page, address = '/connections'): Promise<ConnectionsPage> {
  const connections = new ConnectionsPage(page);
  await connections.open(address);
  await expect(connections.own).toBeVisible();
  return connections;
}

test('This browser and every other client are listed live, and leave the list when they leave', async ({
  page,
  server,
}) => {
  const connections = await openAddress(page);
  await expect(connections.connections).toHaveCount(1);
  await expect(connections.own).toContainText(/live|idle/);
  const visitor = visit(server.url, 'mail');
  await expect(connections.withService('mail')).toHaveCount(1);
  await expect(page.getByTestId('connections-open')).toHaveText(/^2 open of/);
  visitor.close();
  await expect(connections.withService('mail')).toHaveCount(0);
  const closedToo = page.getByRole('checkbox', { name: 'Recently closed too' });
  // The address is the state, and the box follows it a moment later.
  await closedToo.click();
  await expect(closedToo).toBeChecked();
  await expect(connections.withService('mail')).toContainText('closed · client left');
  await expect(page).toHaveURL(/closed=1/);
});

test('The client acknowledges, so that its own lag and round trip are known', async ({ page }) => {
  const connections = await openAddress(page);
  await connections.openRow(connections.own);
  const fact = (name: string) => connections.panel.getByRole('row', { name: new RegExp(`^${name} `) }).locator('td');
  await expect(fact('round trip')).toHaveText(/\d+ ms/);
  await expect(fact('ack lag')).toHaveText('0 events');
});

test('What is filtered, sorted and opened stands in the address, and a reload keeps it', async ({ page, server }) => {
  for (const service of ['mail', 'shop', 'pay']) visit(server.url, service);
  const connections = await openAddress(page);
  await expect(connections.connections).toHaveCount(4);
  await page.getByRole('button', { name: 'Age' }).click();
  await expect(page.getByRole('columnheader', { name: 'Age' })).toHaveAttribute('aria-sort', 'descending');
  await page.keyboard.press('/');
  await expect(connections.find).toBeFocused();
  await page.keyboard.type('shop');
  await expect(connections.connections).toHaveCount(1);
  await connections.openRow(connections.withService('shop'));
  await expect(page).toHaveURL(/q=shop&sort=age&id=/);
  await page.reload();
  await expect(connections.panel).toContainText('service=shop');
  await expect(connections.connections).toHaveCount(1);
  await expect(page.getByRole('columnheader', { name: 'Age' })).toHaveAttribute('aria-sort', 'descending');
  await connections.find.fill('nobody has this');
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(connections.connections).toHaveCount(4);
});

test('The details tell the life of a connection from its first step', async ({ page, server }) => {
  visit(server.url, 'mail');
  const connections = await openAddress(page);
  await connections.openRow(connections.withService('mail'));
  const steps = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem');
  await expect(steps.first()).toContainText(/live|idle/);
  await expect(steps.last()).toContainText('connecting');
  await expect(connections.panel).toContainText('service=mail');
});

test('The keyboard walks the rows, opens one and comes back to it', async ({ page, server }) => {
  for (const service of ['mail', 'shop']) visit(server.url, service);
  const connections = await openAddress(page, '/connections?sort=age');
  await expect(connections.connections).toHaveCount(3);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-row') ?? undefined);
  await page.keyboard.press('ArrowDown');
  const first = await focused();
  await page.keyboard.press('ArrowDown');
  const second = await focused();
  expect(first).toBeDefined();
  expect(second).not.toBe(first);
  await page.keyboard.press('Enter');
  await expect(connections.panel).toContainText(String(second));
  await page.keyboard.press('ArrowUp');
  await expect(connections.panel).toContainText(String(first));
  await page.keyboard.press('Escape');
  await expect(connections.panel).toBeHidden();
  expect(await focused()).toBe(first);
});

test('A disconnected client comes back by itself and has lost nothing', async ({ page, context, server }) => {
  const logs = new LogPage(page);
  await logs.open();
  const publisher = new SteadyPublisher(server.url);
  const operator = await openAddress(await context.newPage());
  await operator.openRow(operator.own);
  await expect(operator.panel).toContainText('this browser');
  for (let round = 0; round < 3; round += 1) {
    const before = await operator.own.getAttribute('data-connection');
    if (round > 0) await operator.openRow(operator.own);
    await operator.panel.getByRole('button', { name: 'Disconnect' }).click();
    await expect(operator.panel.getByTestId('close-reason')).toContainText('2008 disconnected');
    await expect.poll(() => operator.own.getAttribute('data-connection')).not.toBe(before);
  }
  const sent = await publisher.stop();
  await logs.page.bringToFront();
  await expect(logs.line(sent - 1)).toBeVisible();
  await logs.nothingLostOrRepeated();
  expect(await logs.readNumbers()).toEqual(numbers(0, sent));
  await logs.openOwnConnection();
  await expect(page.getByTestId('total-reconnects')).toHaveText('3');
  await expect(page.getByRole('region', { name: 'Reconnects', exact: true })).toContainText(
    'an operator ended the connection',
  );
});

test('A kicked client stays away until somebody reconnects it by hand', async ({ page, server }) => {
  const visitor = visit(server.url, 'mail');
  const connections = await openAddress(page);
  await connections.openRow(connections.withService('mail'));
  await connections.panel.getByRole('button', { name: 'Kick…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  expect(visitor.ended).toBe(0);
  await connections.panel.getByRole('button', { name: 'Kick…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Kick', exact: true }).click();
  await expect(connections.panel.getByTestId('close-reason')).toContainText('3000 kicked');
  await expect(connections.panel).toContainText('told not to come back');
  await expect(connections.withService('mail')).toHaveCount(0);

  await connections.openRow(connections.own);
  await connections.panel.getByRole('button', { name: 'Kick…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Kick', exact: true }).click();
  await expect(connections.badge).toHaveAttribute('data-phase', 'closed');
  await expect(connections.badge).toContainText('an operator closed the connection for good');
  await connections.retryNow();
  await connections.isLive();
});

test.describe('where a token is wanted', () => {
  test.use({ environment: { TAILRACE_ADMIN_TOKEN: 'a-token-of-an-operator' } });

  test('an action asks for it, says when it is wrong, and keeps the right one', async ({ page, server }) => {
    for (const service of ['mail', 'shop']) visit(server.url, service);
    const connections = await openAddress(page);
    const token = page.getByLabel('Admin token');
    await connections.openRow(connections.withService('mail'));
    await connections.panel.getByRole('button', { name: 'Disconnect' }).click();
    await token.fill('wrong');
    await token.press('Enter');
    await expect(connections.panel.getByRole('alert')).toContainText('the token is wrong');
    await token.fill('a-token-of-an-operator');
    await token.press('Enter');
    await expect(connections.panel.getByTestId('close-reason')).toContainText('2008 disconnected');
    await connections.openRow(connections.withService('shop'));
    await connections.panel.getByRole('button', { name: 'Disconnect' }).click();
    await expect(connections.panel.getByTestId('close-reason')).toContainText('2008 disconnected');
    await expect(token).toBeHidden();
  });
});

test('Draining says what it does, tells every client goodbye and takes no new one', async ({ page, server }) => {
  const visitor = visit(server.url, 'mail');
  const connections = await openAddress(page);
  await expect(connections.connections).toHaveCount(2);
  await page.getByRole('button', { name: 'Drain all…' }).click();
  await expect(page.getByRole('dialog', { name: 'Drain 2 connections?' })).toContainText(
    'resumes exactly where it was',
  );
  await page.getByRole('button', { name: 'Drain all', exact: true }).click();
  await expect(page.getByText('Draining: no new connection is taken')).toBeVisible();
  await expect.poll(() => visitor.endedCleanly).toBe(1);
  await expect(page.getByTestId('connections-open')).toHaveText(/^0 open of/);
});

test('Values that change move nothing', async ({ page, server }) => {
  for (const service of ['mail', 'shop', 'pay']) visit(server.url, service);
  const connections = await openAddress(page, '/connections?sort=age');
  await expect(connections.connections).toHaveCount(4);
  const geometry = () =>
    connections.table.evaluate((table) =>
      [...table.querySelectorAll('th, tr')].map((element) => {
        const { left, top, width } = element.getBoundingClientRect();
        return [left, top, width];
      }),
    );
  const before = await geometry();
  await server.publish(numbered(0, 5000, { service: 'mail' }));
  await expect(connections.withService('mail')).toContainText('5,000');
  expect(await geometry()).toEqual(before);
});

test('The two views of connections are one step apart, each with its own address', async ({ page }) => {
  const connections = await openAddress(page);
  await page.getByRole('link', { name: 'This browser' }).click();
  await expect(page).toHaveURL(/\/connection$/);
  await expect(page.getByTestId('verdict')).toBeVisible();
  const nav = page.getByRole('navigation', { name: 'Screens' });
  await expect(nav.getByRole('link', { name: 'Connections' })).toHaveAttribute('aria-current', 'page');
  await page.getByRole('link', { name: 'All connections' }).click();
  await expect(page).toHaveURL(/\/connections$/);
  await expect(connections.own).toBeVisible();
  await expect(nav.getByRole('link', { name: 'Connections' })).toHaveAttribute('aria-current', 'page');
});

for (const width of [390, 360]) {
  test(`At ${width} px the screen does not scroll sideways, and the details are a sheet`, async ({ page, server }) => {
    await page.setViewportSize({ width, height: 740 });
    visit(server.url, 'a-service-with-a-rather-long-name');
    const connections = await openAddress(page);
    const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(await isWide()).toBe(false);
    await connections.connections.first().click();
    await expect(connections.panel).toBeInViewport({ ratio: 1 });
    expect(await isWide()).toBe(false);
    await page.getByRole('button', { name: 'Close (Esc)' }).click();
    await expect(connections.panel).toBeHidden();
  });
}
