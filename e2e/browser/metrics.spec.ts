import { LogPage } from './log-page.ts';
import { expect, test } from './server-fixture.ts';

const sample = (value: number, name = 'queue.depth') => ({ kind: 'metric', name, value, service: 'shop' });

test('A metric that is sent for the first time gets a chart of its own without a reload', async ({ page, server }) => {
  const logs = new LogPage(page);
  await logs.open('/metrics');
  await expect(page.getByRole('heading', { name: 'No metrics in this range yet' })).toBeVisible();
  await server.publish([sample(7)]);
  const chart = page.getByTestId('metric-chart').filter({ hasText: 'queue.depth' });
  await expect(chart).toBeVisible();
  await expect(chart).toContainText('7');
  await expect(page.getByRole('heading', { name: 'shop' })).toBeVisible();
  await server.publish([sample(42)]);
  await expect(chart).toContainText('42');
  await expect(chart).toContainText('max 42');
  await logs.nothingLostOrRepeated();
});

test('A range is in the address, is asked of the server, and holds over reload and back', async ({ page, server }) => {
  await server.publish([sample(1), sample(2)]);
  const logs = new LogPage(page);
  await logs.open('/metrics');
  for (const range of ['1m', '5m', '1h', '6h', '24h', '15m']) {
    const checked = page.getByRole('radio', { name: range, exact: true });
    if (await checked.isChecked()) continue;
    const asked = page.waitForResponse((response) => response.url().includes('/api/metrics/query'));
    await page.getByText(range, { exact: true }).click();
    expect((await asked).status()).toBe(200);
    await expect(checked).toBeChecked();
    await expect(page.getByTestId('metric-chart')).toContainText('queue.depth');
  }
  await page.getByText('6h', { exact: true }).click();
  await expect(page).toHaveURL('/metrics?range=6h');
  await page.reload();
  await expect(page.getByRole('radio', { name: '6h' })).toBeChecked();
  await page.goBack();
  await expect(page.getByRole('radio', { name: '6h' })).not.toBeChecked();
});

test('History and live samples join in one chart, and a picked service hides the others', async ({ page, server }) => {
  const nowMs = Date.now();
  await server.publish([
    ...Array.from({ length: 60 }, (_, index) => ({ ...sample(index), time: nowMs - (60 - index) * 1000 })),
    { ...sample(5, 'mails.sent'), service: 'mail' },
  ]);
  const logs = new LogPage(page);
  await logs.open('/metrics');
  const chart = page.getByTestId('metric-chart').filter({ hasText: 'queue.depth' });
  await expect(chart).toContainText('min 0');
  await server.publish([sample(99)]);
  await expect(chart).toContainText('max 99');
  await expect(chart).toContainText('min 0');
  await page.getByRole('button', { name: 'All services' }).click();
  await page.getByRole('option', { name: 'mail' }).click();
  await expect(page.getByTestId('metric-chart')).toHaveCount(1);
  await expect(page.getByTestId('metric-chart')).toContainText('mails.sent');
  await server.publish([sample(100)]);
  await server.publish([{ ...sample(6, 'mails.sent'), service: 'mail' }]);
  await expect(page.getByTestId('metric-chart')).toContainText('max 6');
  await expect(chart).toHaveCount(0);
});

test('Charts go on after the server was killed, and nothing is lost', async ({ page, server }) => {
  await server.publish([sample(1)]);
  const logs = new LogPage(page);
  await logs.open('/metrics');
  await server.kill();
  await expect(logs.badge).not.toHaveAttribute('data-phase', 'live');
  await server.restart();
  await logs.retryNow();
  await server.publish([sample(23)]);
  await expect(page.getByTestId('metric-chart')).toContainText('max 23');
  await logs.nothingLostOrRepeated();
});
