import { post } from '../support/ingest-client.ts';
import { axeFindings } from './axe-findings.ts';
import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

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
    expect.soft(await axeFindings(page), 'logs').toEqual([]);
    await logs.line(4).click();
    await expect(logs.detail).toBeVisible();
    expect.soft(await axeFindings(page), 'line details').toEqual([]);
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    expect.soft(await axeFindings(page), 'shortcuts').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'All services' }).click();
    await expect(page.getByRole('option', { name: 'shop', exact: true })).toBeVisible();
    expect.soft(await axeFindings(page), 'service picker').toEqual([]);
    await page.keyboard.press('Escape');

    await page.getByRole('link', { name: 'Metrics' }).click();
    await expect(page.getByTestId('metric-chart').first()).toBeVisible();
    expect.soft(await axeFindings(page), 'metrics').toEqual([]);
    await page.getByRole('link', { name: 'Sources', exact: true }).click();
    await page.locator('[data-sender]').first().click();
    await expect(page.getByTestId('source-detail')).toBeVisible();
    expect.soft(await axeFindings(page), 'sources').toEqual([]);
    await page.getByRole('button', { name: 'Add a source' }).click();
    await expect(page.getByTestId('snippet').first()).toBeVisible();
    expect.soft(await axeFindings(page), 'add a source').toEqual([]);
    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await page.locator('[data-connection]').first().click();
    await expect(page.getByRole('region', { name: 'Timeline' })).toBeVisible();
    expect.soft(await axeFindings(page), 'connections').toEqual([]);
    await page.getByRole('button', { name: 'Drain all…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect.soft(await axeFindings(page), 'drain dialog').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'System', exact: true }).click();
    await expect(page).toHaveTitle(/System/);
    expect.soft(await axeFindings(page), 'system').toEqual([]);
    await logs.openOwnConnection();
    expect.soft(await axeFindings(page), 'connection').toEqual([]);

    await server.kill();
    await expect(logs.badge).toHaveAttribute('data-phase', 'waiting');
    expect.soft(await axeFindings(page), 'connection lost').toEqual([]);
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    test(`Sources and the ways in have no serious finding in any state, ${colorScheme}, ${viewport.width} px`, async ({
      page,
      server,
    }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(viewport);
      const logs = new LogPage(page);
      await logs.open('/sources');
      await expect(page.getByRole('navigation', { name: 'Ways in' })).toBeVisible();
      expect.soft(await axeFindings(page), 'nothing sent yet').toEqual([]);
      const state = page.getByTestId('guide-status');
      await page.getByRole('button', { name: 'syslog' }).click();
      await expect(state).toHaveAttribute('data-state', 'off');
      expect.soft(await axeFindings(page), 'off').toEqual([]);
      await page.getByRole('button', { name: 'curl' }).last().click();
      await expect(state).toHaveAttribute('data-state', 'waiting');
      expect.soft(await axeFindings(page), 'waiting').toEqual([]);
      await post(server.url, '{"message":1}\n');
      await expect(state).toHaveAttribute('data-state', 'refused');
      expect.soft(await axeFindings(page), 'refused').toEqual([]);
      await server.publish(EVENTS);
      await expect(state).toHaveAttribute('data-state', 'heard');
      expect.soft(await axeFindings(page), 'heard').toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Send a test line' }).click();
      await expect(page.getByTestId('test-line')).toHaveAttribute('data-state', 'arrived');
      await page.locator('[data-sender]').first().click();
      await expect(page.getByTestId('source-detail')).toBeVisible();
      expect.soft(await axeFindings(page), 'a source, and a test line').toEqual([]);
    });
  }
}
