import { LogPage } from './log-page.ts';
import { numbered, numbers } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

const MIXED = [
  ...numbered(0, 3, { service: 'shop' }),
  ...numbered(3, 3, { service: 'mail', level: 'warn' }),
  ...numbered(6, 3, { service: 'shop', level: 'error' }),
];

test('A chosen level is in the address, is asked of the server, and holds for lines to come', async ({
  page,
  server,
}) => {
  await server.publish(MIXED);
  const logs = new LogPage(page);
  await logs.open();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname + new URL(request.url()).search));
  await page.getByLabel('Minimum level').selectOption('warn');
  await expect(page).toHaveURL('/logs?level=warn');
  await expect(logs.lines).toHaveCount(6);
  await expect.poll(() => asked.find((url) => /^\/api\/stream\?.*level=warn/.test(url))).toBeTruthy();
  expect(asked.find((url) => /^\/api\/events\?.*level=warn/.test(url))).toBeTruthy();
  await server.publish([...numbered(9, 1), ...numbered(10, 1, { level: 'fatal' })]);
  await expect(logs.line(10)).toBeVisible();
  expect(await logs.readNumbers()).toEqual([...numbers(3, 6), 10]);
  await logs.nothingLostOrRepeated();
});

test('Picking services narrows the list, a second one widens it, and nothing of the others comes', async ({
  page,
  server,
}) => {
  await server.publish([...MIXED, ...numbered(9, 2, { service: 'cron' })]);
  const logs = new LogPage(page);
  await logs.open();
  await page.getByRole('button', { name: 'All services' }).click();
  await page.getByRole('combobox', { name: 'Find services' }).fill('mai');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/logs?service=mail');
  await expect(logs.lines).toHaveCount(3);
  await page.getByRole('combobox', { name: 'Find services' }).fill('');
  await page.getByRole('option', { name: 'cron' }).click();
  await expect(logs.lines).toHaveCount(5);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: '2 services' })).toBeFocused();
  await server.publish([...numbered(11, 1), ...numbered(12, 1, { service: 'mail' })]);
  await expect(logs.line(12)).toBeVisible();
  expect(await logs.readNumbers()).toEqual([3, 4, 5, 9, 10, 12]);
});

test('A search finds text whatever its case, marks it, and survives a reload', async ({ page, server }) => {
  await server.publish([...MIXED, ...numbered(9, 1, { message: 'line 9 Payment DECLINED' })]);
  const logs = new LogPage(page);
  await logs.open();
  await page.keyboard.press('/');
  await expect(logs.search).toBeFocused();
  await page.keyboard.type('declined');
  await expect(page).toHaveURL('/logs?q=declined');
  await expect(logs.lines).toHaveCount(1);
  await expect(logs.lines.locator('mark')).toHaveText('DECLINED');
  await page.reload();
  await expect(logs.search).toHaveValue('declined');
  await expect(logs.lines).toHaveCount(1);
  await logs.isLive();
  await server.publish(numbered(10, 1, { message: 'line 10 declined again' }));
  await expect(logs.line(10)).toBeVisible();
  await page.getByRole('button', { name: 'Clear search' }).click();
  await expect(logs.lines).toHaveCount(11);
});

test('The back button takes the filter back, and forward brings it again', async ({ page, server }) => {
  await server.publish(MIXED);
  const logs = new LogPage(page);
  await logs.open();
  const level = page.getByLabel('Minimum level');
  await level.selectOption('error');
  await expect(logs.lines).toHaveCount(3);
  await page.goBack();
  await expect(page).toHaveURL('/logs');
  await expect(level).toHaveValue('');
  await expect(logs.lines).toHaveCount(9);
  await page.goForward();
  await expect(level).toHaveValue('error');
  await expect(logs.lines).toHaveCount(3);
  await logs.nothingLostOrRepeated();
});

test('A filter that nothing passes says so, shows what comes, and can be cleared', async ({ page, server }) => {
  await server.publish(MIXED);
  const logs = new LogPage(page);
  await logs.open('/logs?level=fatal&service=shop');
  await expect(page.getByRole('heading', { name: 'No line matches this filter' })).toBeVisible();
  await server.publish(numbered(9, 1, { level: 'fatal' }));
  await expect(logs.line(9)).toBeVisible();
  await page.getByLabel('Minimum level').selectOption('');
  await page.getByRole('button', { name: 'shop', exact: true }).click();
  await page.getByRole('button', { name: 'Show all services' }).click();
  await expect(page).toHaveURL('/logs');
  await expect(logs.lines).toHaveCount(10);
});
