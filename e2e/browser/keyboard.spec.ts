import type { Page } from '@playwright/test';
import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test('j and k walk the lines, Enter opens one, Esc closes it, and the selected line stays in sight', async ({
  page,
  server,
}) => {
  await server.publish(numbered(0, 120));
  const logs = new LogPage(page);
  await logs.open();
  const selected = logs.scroller.locator('[aria-selected="true"]');
  await page.keyboard.press('k');
  await expect(selected).toContainText('line 119');
  for (let step = 0; step < 60; step += 1) await page.keyboard.press('k');
  await expect(selected).toContainText('line 59');
  await expect(selected).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('j');
  await expect(selected).toContainText('line 60');
  await expect(logs.detail).toBeHidden();
  await page.keyboard.press('Enter');
  await expect(logs.detail).toContainText('line 60');
  await page.keyboard.press('ArrowDown');
  await expect(logs.detail).toContainText('line 61');
  await page.keyboard.press('Escape');
  await expect(logs.detail).toBeHidden();
  await page.keyboard.press('G');
  await expect(logs.pill).toBeHidden();
  await expect(logs.line(119)).toBeInViewport();
});

test('Esc and ? right after one another close the list and open it again, however fast', async ({ page }) => {
  await new LogPage(page).open();
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await page.keyboard.press('?');
  for (let round = 0; round < 20; round += 1) {
    await Promise.all([page.keyboard.press('Escape'), page.keyboard.press('?')]);
    await expect(dialog).toBeVisible({ timeout: 2000 });
  }
});

test('? lists the shortcuts, Esc closes them, and 1 to 5 change the screen', async ({ page }) => {
  await new LogPage(page).open();
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('2');
  await expect(page).toHaveURL(/\/logs$/);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.keyboard.press('2');
  await expect(page).toHaveURL(/\/metrics$/);
  await page.keyboard.press('3');
  await expect(page).toHaveURL(/\/sources$/);
  await page.keyboard.press('4');
  await expect(page).toHaveURL(/\/connections$/);
  await page.keyboard.press('5');
  await expect(page).toHaveURL(/\/system$/);
  await page.keyboard.press('1');
  await expect(page).toHaveURL(/\/logs$/);
});

test('A shortcut key typed into the search is text', async ({ page, server }) => {
  await server.publish(numbered(0, 3));
  const logs = new LogPage(page);
  await logs.open();
  await page.keyboard.press('/');
  await page.keyboard.type('jk 2?/');
  await expect(logs.search).toHaveValue('jk 2?/');
  await expect(page).toHaveURL(/\/logs\?q=/);
  await page.keyboard.press('Escape');
  await expect(logs.search).not.toBeFocused();
  await page.keyboard.press('2');
  await expect(page).toHaveURL(/\/metrics$/);
});

test('Whatever the Tab key reaches is visibly focused', async ({ page, server }) => {
  await server.publish(numbered(0, 80));
  const logs = new LogPage(page);
  await logs.open();
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await expect(logs.detail).toBeVisible();
  const seen = await tabThrough(page, 40);
  for (const name of ['A Skip to content', 'A Metrics', 'BUTTON Close (Esc)', 'DIV Log lines']) {
    expect(seen).toContain(name);
  }
});

for (const [path, names] of [
  ['/sources?add=curl', ['BUTTON Send a test line', 'BUTTON OpenTelemetry', 'BUTTON Copy: the address']],
  ['/access', ['BUTTON New token', 'BUTTON New account']],
  ['/login', ['INPUT password', 'BUTTON Log in']],
] as const) {
  test(`Whatever the Tab key reaches on ${path} is visibly focused`, async ({ page, server }) => {
    await server.publish(numbered(0, 3));
    await page.goto(path);
    const wanted =
      path === '/login'
        ? page.getByRole('button', { name: 'Log in', exact: true })
        : page.getByTestId('connection-badge');
    await expect(wanted).toBeVisible();
    if (path.startsWith('/sources')) await expect(page.getByTestId('guide-status')).toBeVisible();
    if (path === '/access') await expect(page.getByRole('button', { name: 'New token' })).toBeVisible();
    const seen = await tabThrough(page, 60);
    for (const name of names) expect(seen).toContain(name);
  });
}

/** Presses Tab until the page's end, and returns what had the focus: each was outlined, or what stands for it was. */
async function tabThrough(page: Page, stepsMax: number): Promise<string[]> {
  const seen = new Set<string>();
  for (let step = 0; step < stepsMax; step += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      // A radio button is not shown: its label is.
      const shown = element.matches('input[type=radio]') ? (element.closest('label') ?? element) : element;
      const { outlineStyle, outlineWidth } = getComputedStyle(shown);
      const given = element.getAttribute('aria-label') ?? element.getAttribute('value');
      const name = given || element.textContent?.slice(0, 30) || '';
      return { name: `${element.tagName} ${name}`, outlined: outlineStyle !== 'none' && outlineWidth !== '0px' };
    });
    if (!focused) break;
    seen.add(focused.name);
    expect(focused, focused.name).toMatchObject({ outlined: true });
  }
  return [...seen];
}
