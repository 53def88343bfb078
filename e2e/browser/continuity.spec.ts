import { LogPage, numbersOf } from './log-page.ts';
import { numbered, numbers } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test.describe('with a small memory', () => {
  test.use({ environment: { TAILRACE_RING_EVENTS: '100' } });

  test('Events whose retention ended while the page was away are a gap with their number, on the row and the badge', async ({
    page,
    context,
    server,
  }) => {
    await server.publish(numbered(0, 50));
    const logs = new LogPage(page);
    await logs.open();
    await context.setOffline(true);
    await expect(logs.badge).toHaveAttribute('data-phase', 'offline');
    await server.publish(numbered(50, 400));
    await server.kill();
    // The history then keeps the newest event only; the memory, which is filled at the start, the newest 100.
    await server.restart({ TAILRACE_RETENTION_HOURS: '0.00000001' });
    await server.untilMetric('tailrace_journal_oldest_seq', (seq) => seq >= 450);
    const missed = 300;
    await context.setOffline(false);
    await expect(logs.line(449)).toBeVisible();
    await expect(logs.badge).toContainText(`live· ${missed} lost · 0 repeated`);
    const rows = await logs.readAll();
    expect(numbersOf(rows)).toEqual([...numbers(0, 50), ...numbers(350, 100)]);
    const gap = rows.findIndex(({ marker }) => marker === 'gap');
    expect(rows[gap]?.text).toContain(`gap · ${missed} events missing · their retention was over`);
    expect(rows[gap - 1]?.text).toContain('line 49');
    await logs.openOwnConnection();
    await expect(page.getByRole('region', { name: 'Gaps' })).toContainText(`${missed} events missing`);
    await expect(page.getByTestId('total-lost')).toHaveText(String(missed));
  });

  test('Falling behind the memory but not the history is no gap', async ({ page, context, server }) => {
    await server.publish(numbered(0, 50));
    const logs = new LogPage(page);
    await logs.open();
    await context.setOffline(true);
    await expect(logs.badge).toHaveAttribute('data-phase', 'offline');
    await server.publish(numbered(50, 1500));
    await context.setOffline(false);
    await logs.isLive();
    await expect(logs.line(1549)).toBeVisible();
    await expect(logs.marker('reconnected')).toContainText('1,500 lines caught up · 0 lost');
    expect(await logs.readNumbers()).toEqual(numbers(0, 1550));
    await logs.nothingLostOrRepeated();
  });
});

test('A wiped data directory is a new journal: the old lines stay, and a marker says where the new one begins', async ({
  page,
  server,
}) => {
  await server.publish(numbered(0, 30));
  const logs = new LogPage(page);
  await logs.open();
  await server.kill();
  await server.wipe();
  await server.restart();
  await logs.retryNow();
  await server.publish(numbered(30, 5));
  await expect(logs.marker('reset')).toContainText('a new journal begins here');
  await expect(logs.line(34)).toBeVisible();
  const rows = await logs.readAll();
  const at = rows.findIndex(({ marker }) => marker === 'reset');
  expect(rows[at - 1]?.text).toContain('line 29');
  expect(await logs.readNumbers()).toEqual(numbers(0, 35));
});

test('Offline is said at once, and back online everything that came meanwhile is there', async ({
  page,
  context,
  server,
}) => {
  await server.publish(numbered(0, 10));
  const logs = new LogPage(page);
  await logs.open();
  await context.setOffline(true);
  await expect(logs.badge).toContainText('offline');
  await server.publish(numbered(10, 25));
  await expect(logs.line(10)).toHaveCount(0);
  await context.setOffline(false);
  await expect(logs.line(34)).toBeVisible();
  await expect(logs.marker('reconnected')).toContainText('25 lines caught up · 0 lost');
  expect(await logs.readNumbers()).toEqual(numbers(0, 35));
  await logs.nothingLostOrRepeated();
});
