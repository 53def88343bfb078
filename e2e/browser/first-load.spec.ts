import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test.describe('with the built-in sources', () => {
  test.use({ environment: { TAILRACE_SOURCES: 'host,process,log', TAILRACE_LOG_LEVEL: 'info' } });

  test('A first visit shows the log of Tailrace itself, host metrics and a truthful badge, without a complaint', async ({
    page,
    faults,
  }) => {
    const logs = new LogPage(page);
    await page.goto('/');
    await expect(page).toHaveURL(/\/logs$/);
    await expect(logs.lines.first()).toContainText('tailrace');
    await logs.nothingLostOrRepeated();

    await page.getByRole('link', { name: 'Metrics' }).click();
    const charts = page.getByTestId('metric-chart');
    await expect(charts.filter({ hasText: /cpu/i }).first().locator('svg path').first()).toBeAttached();
    await expect(page).toHaveTitle(/Metrics/);
    await logs.nothingLostOrRepeated();

    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await expect(page).toHaveTitle(/Connections/);
    await expect(page.getByTestId('connections-open')).toBeVisible();
    await logs.openOwnConnection();
    await expect(page.getByTestId('verdict')).toHaveText('live · 0 lost · 0 repeated');
    expect(faults.list).toEqual([]);
  });
});

for (const path of ['/logs', '/metrics', '/sources', '/connections', '/connection', '/system']) {
  test(`${path} opens by its own address without an error, a hydration warning or a failed request`, async ({
    page,
    faults,
    server,
  }) => {
    await server.publish([...numbered(0, 60), { kind: 'metric', name: 'queue.depth', value: 3 }]);
    await new LogPage(page).open(path);
    await expect(page.locator('main')).not.toBeEmpty();
    expect(faults.list).toEqual([]);
  });
}

test('The lines stand in the HTML that the server sends', async ({ request, server }) => {
  await server.publish(numbered(0, 30));
  expect(await (await request.get('/logs')).text()).toContain('line 29');
});

test('A page opens one stream, with what it shows as its filter', async ({ page, server }) => {
  await server.publish(numbered(0, 30));
  const streams: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/stream')) streams.push(request.url());
  });
  await new LogPage(page).open();
  expect(streams).toEqual([expect.stringContaining('/api/stream?kind=log&')]);
});

test('An empty journal teaches how to send the first line, and shows it without a reload', async ({ page, server }) => {
  const logs = new LogPage(page);
  await logs.open();
  await expect(page.getByRole('heading', { name: 'Waiting for the first line' })).toBeVisible();
  await expect(page.getByText(`curl ${server.url}/api/events`).first()).toBeVisible();
  await server.publish(numbered(0, 1));
  await expect(logs.line(0)).toBeVisible();
});

test('An unknown address answers 404 with a way back', async ({ page }) => {
  const response = await page.goto('/nowhere');
  expect(response?.status()).toBe(404);
  await page.getByRole('main').getByRole('link').first().click();
  await expect(page).toHaveURL(/\/logs$/);
});
