import { LogPage } from './log-page.ts';
import { expect, test } from './server-fixture.ts';

const background = () => getComputedStyle(document.documentElement).backgroundColor;
const LIGHT = 'rgb(251, 251, 250)';
const DARK = 'rgb(13, 16, 19)';

test('Without a choice the page follows the system, also when that changes', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await new LogPage(page).open();
  expect(await page.evaluate(background)).toBe(DARK);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await page.evaluate(background)).toBe(LIGHT);
});

test('A chosen theme wins over the system, is kept, and is there before the first paint after a reload', async ({
  page,
}) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await new LogPage(page).open();
  await page.getByRole('button', { name: 'Theme: system. Change to light' }).click();
  await page.getByRole('button', { name: 'Theme: light. Change to dark' }).click();
  expect(await page.evaluate(background)).toBe(DARK);
  // The attribute as it is when the body begins: a later one would be a flash.
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.body) return;
      observer.disconnect();
      Object.assign(window, { themeAtBody: document.documentElement.dataset['theme'] ?? 'none' });
    }).observe(document, { childList: true, subtree: true });
  });
  await page.reload();
  expect(await page.evaluate(() => Reflect.get(window, 'themeAtBody'))).toBe('dark');
  expect(await page.evaluate(background)).toBe(DARK);
  await page.getByRole('button', { name: 'Theme: dark. Change to system' }).click();
  expect(await page.evaluate(background)).toBe(LIGHT);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Theme: system. Change to light' })).toBeVisible();
});
