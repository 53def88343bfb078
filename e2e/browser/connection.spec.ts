import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test('The badge leads to the proof: verdict, position, totals and the timeline of the phases', async ({
  page,
  server,
}) => {
  const logs = new LogPage(page);
  await logs.open();
  const { last } = await server.publish(numbered(0, 25));
  await expect(logs.line(24)).toBeVisible();
  await logs.badge.click();
  await expect(page).toHaveURL(/\/connection$/);
  await expect(page.getByTestId('verdict')).toHaveText('live · 0 lost · 0 repeated');
  await expect(page.getByText(`position ${last}`)).toBeVisible();
  await expect(page.getByTestId('total-received')).toHaveText('25');
  await expect(page.getByTestId('total-lost')).toHaveText('0');
  await expect(page.getByTestId('total-repeated')).toHaveText('0');
  await expect(page.getByRole('img', { name: /^Phases of the last 5 min: live/ })).toBeVisible();
  await expect(page.getByText('The connection has not been lost since this page was opened.')).toBeVisible();
});

test('A kill is in the timeline, the totals and the table of reconnects, and stays there over a reload', async ({
  page,
  server,
}) => {
  const logs = new LogPage(page);
  await logs.open('/connection');
  await server.kill();
  await expect(page.getByTestId('verdict')).toContainText(/reconnecting/);
  await server.restart();
  await logs.retryNow();
  await expect(page.getByTestId('verdict')).toHaveText('live · 0 lost · 0 repeated');
  const rows = page.getByRole('region', { name: 'Reconnects', exact: true }).locator('tbody tr');
  await expect(rows).toHaveCount(1);
  await expect(rows.first().locator('td').nth(2)).toHaveText(/\d/);
  await expect(page.getByTestId('total-reconnects')).toHaveText('1');
  await expect(page.getByRole('img', { name: /Phases.*live.*reconnecting|Phases.*reconnecting.*live/ })).toBeVisible();
  await page.reload();
  await expect(rows).toHaveCount(1);
});

test('Retry now does not wait for the countdown', async ({ page, server }) => {
  const logs = new LogPage(page);
  await logs.open('/connection');
  // From here on no attempt of the page's own succeeds.
  let asked = 0;
  let open = false;
  await page.route('**/api/stream*', (route) => {
    asked += 1;
    return open ? route.continue() : route.abort();
  });
  await server.kill();
  // The pauses grow with each attempt.
  await expect.poll(() => asked).toBeGreaterThan(2);
  await server.restart();
  await expect(logs.badge).toHaveAttribute('data-phase', 'waiting');
  open = true;
  await page.getByRole('button', { name: 'Retry now' }).first().click();
  await logs.isLive();
});
