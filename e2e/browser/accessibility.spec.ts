import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

const AXE_PATH = createRequire(import.meta.url).resolve('axe-core');
type Violation = { id: string; impact: string | null; nodes: { html: string; failureSummary?: string }[] };
type Axe = { run(): Promise<{ violations: Violation[] }> };

/** Serious and critical findings, each with the first element it was found on. */
async function findings(page: Page): Promise<string[]> {
  const loaded = await page.evaluate(() => 'axe' in window);
  if (!loaded) await page.addScriptTag({ path: AXE_PATH });
  const { violations } = await page.evaluate(() => (Reflect.get(window, 'axe') as Axe).run());
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} ×${nodes.length}: ${nodes[0]?.html} ${nodes[0]?.failureSummary ?? ''}`);
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const EVENTS = [
  ...LEVELS.map((level, index) => ({ ...numbered(index, 1, { level })[0], attributes: { user: 'u1' } })),
  { kind: 'metric', name: 'queue.depth', value: 3, service: 'shop' },
  { kind: 'metric', name: 'requests', type: 'counter', value: 3, service: 'shop', attributes: { route: 'a' } },
  { kind: 'metric', name: 'requests', type: 'counter', value: 5, service: 'shop', attributes: { route: 'b' } },
];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`No screen has a serious accessibility finding in the ${colorScheme} theme`, async ({ page, server }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await server.publish(EVENTS);
    const logs = new LogPage(page);
    await logs.open('/logs?q=line');
    await expect(logs.lines).toHaveCount(6);
    expect.soft(await findings(page), 'logs').toEqual([]);
    await logs.line(4).click();
    await expect(logs.detail).toBeVisible();
    expect.soft(await findings(page), 'line details').toEqual([]);
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    expect.soft(await findings(page), 'shortcuts').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'All services' }).click();
    await expect(page.getByRole('option', { name: 'shop', exact: true })).toBeVisible();
    expect.soft(await findings(page), 'service picker').toEqual([]);
    await page.keyboard.press('Escape');

    await page.getByRole('link', { name: 'Metrics' }).click();
    await expect(page.getByTestId('metric-chart').first()).toBeVisible();
    expect.soft(await findings(page), 'metrics').toEqual([]);
    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await page.locator('[data-connection]').first().click();
    await expect(page.getByRole('region', { name: 'Timeline' })).toBeVisible();
    expect.soft(await findings(page), 'connections').toEqual([]);
    await page.getByRole('button', { name: 'Drain all…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect.soft(await findings(page), 'drain dialog').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'System', exact: true }).click();
    await expect(page).toHaveTitle(/System/);
    expect.soft(await findings(page), 'system').toEqual([]);
    await logs.openOwnConnection();
    expect.soft(await findings(page), 'connection').toEqual([]);

    await server.kill();
    await expect(logs.badge).toHaveAttribute('data-phase', 'waiting');
    expect.soft(await findings(page), 'connection lost').toEqual([]);
  });
}
