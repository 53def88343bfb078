import type { Page } from '@playwright/test';
import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test.use({ environment: { TAILRACE_CHAOS: '1' } });

/** The System page in a tab of its own, beside the page that suffers. */
async function openSystem(page: Page) {
  const system = await page.context().newPage();
  await system.goto('/system');
  const fault = (title: string) => system.getByRole('form', { name: title });
  await expect(fault('Cut connections')).toBeVisible();
  return {
    page: system,
    verdict: system.getByTestId('system-verdict'),
    said: system.getByTestId('chaos-said'),
    active: system.getByRole('list', { name: 'Active faults' }),
    fault,
    healAll: () => system.getByRole('button', { name: 'Heal all' }).click(),
  };
}

test('Cut connections come back by themselves, and nothing is lost or repeated', async ({ page, server }) => {
  const logs = new LogPage(page);
  await logs.open();
  await server.publish(numbered(0, 20));
  await expect(logs.line(19)).toBeVisible();
  const system = await openSystem(page);
  await system.fault('Cut connections').getByRole('button').click();
  await expect(system.said).toHaveText(/^cut \d+ connections?$/);
  await server.publish(numbered(20, 20));
  await expect(logs.line(39)).toBeVisible();
  await expect(logs.marker('reconnected').first()).toBeAttached();
  expect(await logs.readNumbers()).toEqual(Array.from({ length: 40 }, (_, index) => index));
  await logs.nothingLostOrRepeated();
});

test('A history that is down is the verdict; what was held meanwhile is stored when it heals', async ({
  page,
  server,
}) => {
  const logs = new LogPage(page);
  await logs.open();
  const system = await openSystem(page);
  const form = system.fault('Break the history');
  await form.getByLabel('Mode').selectOption('down');
  await form.getByLabel('For').fill('60');
  await form.getByRole('button').click();
  await expect(system.active).toContainText('history down');
  await expect(system.active).toContainText(/heals in \d+ s/);
  // It takes some failed calls to open the breaker; from then on events are held.
  await expect
    .poll(async () => {
      await server.publish(numbered(0, 1)).catch(() => undefined);
      return system.verdict.textContent();
    })
    .toMatch(/^History away: [\d,]+ events? held, not stored yet/);
  await expect(system.page.getByTestId('breaker-history')).not.toHaveText('closed');
  await expect(logs.lines).not.toHaveCount(0);
  await system.healAll();
  await expect(system.said).toHaveText('all healed');
  await expect(system.page.getByText('No fault is active.')).toBeVisible();
  await expect(system.verdict).not.toContainText(/History/, { timeout: 45_000 });
  await expect(system.page.getByTestId('breaker-history')).toHaveText('closed');
  await logs.nothingLostOrRepeated();
});

test('Events that are sent twice are counted by the client', async ({ page, server }) => {
  const logs = new LogPage(page);
  await logs.open();
  const system = await openSystem(page);
  await system.fault('Send twice').getByRole('button').click();
  await expect(system.active).toContainText('sent twice');
  await server.publish(numbered(0, 10));
  await expect(logs.line(9)).toBeVisible();
  await expect(logs.badge).toContainText(/· 0 lost · [1-9]\d* repeated/);
  expect(await logs.readNumbers()).toEqual(Array.from({ length: 10 }, (_, index) => index));
  await logs.badge.click();
  await expect(page.getByTestId('total-repeated')).toHaveText(/[1-9]/);
  await expect(page.getByTestId('total-lost')).toHaveText('0');
});

test.describe("with an operator's token", () => {
  test.use({ environment: { TAILRACE_CHAOS: '1', TAILRACE_ADMIN_TOKEN: 'open-sesame' } });

  test('nothing is broken before the token is shown', async ({ page }) => {
    const system = await openSystem(page);
    await system.fault('Send twice').getByRole('button').click();
    const token = system.page.getByPlaceholder('Admin token');
    const enter = system.page.getByRole('button', { name: 'Try with this token' });
    await token.fill('wrong-token');
    await enter.click();
    await expect(system.page.getByText('the token is wrong')).toBeVisible();
    await expect(system.active).toHaveCount(0);
    await token.fill('open-sesame');
    await enter.click();
    await expect(system.active).toContainText('sent twice');
    await system.healAll();
    await expect(system.page.getByText('No fault is active.')).toBeVisible();
  });
});
