import { axeFindings } from './axe-findings.ts';
import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

/** Which of them, the machine that runs the test decides. */
const ALIVE = /^(Healthy|Strained|Alarming)/;

test('The page shows what the server measures of itself, and it moves', async ({ page, server, faults }) => {
  await page.goto('/system');
  const verdict = page.getByTestId('system-verdict');
  await expect(verdict).toHaveText(ALIVE);
  await expect(page.getByText(/Tailrace \d.* · Node \d.* · pid \d+ · up /)).toBeVisible();
  await expect(page.getByTestId('value-rssBytes')).toHaveText(/^\d[\d.]* MiB$/);
  const connections = page.getByTestId('value-connections');
  // Charts out of sight are not drawn.
  await connections.scrollIntoViewIfNeeded();
  await expect(connections).toHaveText('1');
  await expect(page.getByTestId('leaked')).toHaveText('leaked 0');
  await expect(page.getByTestId('breaker-history')).toHaveText('closed');
  await expect(page.getByRole('region', { name: 'Heap spaces', exact: true })).toContainText('old');
  const accepted = page.getByTestId('chart-acceptedPerSecond');
  await accepted.scrollIntoViewIfNeeded();
  await expect(accepted).toContainText('max 0');
  await server.publish(numbered(0, 50));
  await expect(accepted).not.toContainText('max 0');
  expect(faults.list).toEqual([]);
});

test('The range is in the address, and holds over reload and back', async ({ page }) => {
  await page.goto('/system');
  await expect(page.getByRole('radio', { name: '5m', exact: true })).toBeChecked();
  await page.getByText('15m', { exact: true }).click();
  await expect(page).toHaveURL('/system?range=15m');
  await page.reload();
  await expect(page.getByRole('radio', { name: '15m' })).toBeChecked();
  await page.goBack();
  await expect(page.getByRole('radio', { name: '5m', exact: true })).toBeChecked();
});

test('What is off says how it is enabled', async ({ page }) => {
  await page.goto('/system');
  await expect(page.getByRole('region', { name: 'Diagnostics' })).toContainText('TAILRACE_DIAGNOSTICS=1 npm start');
  await expect(page.getByRole('region', { name: 'Faults on purpose' })).toContainText('TAILRACE_CHAOS=1 npm start');
  await expect(page.getByRole('button', { name: 'Cut', exact: true })).toHaveCount(0);
});

test('A server that dies leaves its last values, marked as old, until it is back', async ({ page, server }) => {
  await page.goto('/system');
  const verdict = page.getByTestId('system-verdict');
  await expect(verdict).toHaveText(ALIVE);
  await server.kill();
  await expect(verdict).toContainText('Lost: reconnecting');
  await expect(page.getByTestId('value-rssBytes')).toHaveText(/MiB$/);
  await server.restart();
  await expect(verdict).toHaveText(ALIVE);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ environment: { TAILRACE_CHAOS: '1', TAILRACE_DIAGNOSTICS: '1' } });

    test('the page has no serious accessibility finding, alive or lost', async ({ page, server }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto('/system');
      await expect(page.getByRole('button', { name: 'Heap snapshot' })).toBeVisible();
      await expect(page.getByTestId('value-cpu')).toHaveText(/%$/);
      expect.soft(await axeFindings(page), 'alive').toEqual([]);
      await server.kill();
      await expect(page.getByTestId('system-verdict')).toContainText('Lost');
      expect.soft(await axeFindings(page), 'lost').toEqual([]);
    });
  });
}

test.describe('with diagnostics', () => {
  test.use({ environment: { TAILRACE_DIAGNOSTICS: '1' } });

  test('a heap snapshot is downloaded', async ({ page }) => {
    await page.goto('/system');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Heap snapshot' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.heapsnapshot$/);
    await expect(page.getByRole('region', { name: 'Diagnostics' })).toContainText('is in your downloads');
  });
});

test.describe('on a phone', () => {
  test.use({ environment: { TAILRACE_CHAOS: '1' }, viewport: { width: 390, height: 844 } });

  test('nothing makes the page scroll sideways, and the verdict stays in sight', async ({ page }) => {
    const logs = new LogPage(page);
    await logs.open('/system');
    await page.getByRole('button', { name: 'Stall' }).scrollIntoViewIfNeeded();
    await expect(page.getByTestId('system-verdict')).toBeInViewport({ ratio: 1 });
    const tooWide = await page.evaluate(() =>
      [...document.querySelectorAll('html, main, main > *')]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map(({ tagName, className }) => `${tagName} ${className}`),
    );
    expect(tooWide).toEqual([]);
  });
});
