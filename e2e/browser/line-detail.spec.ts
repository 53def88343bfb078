import { axeFindings } from './axe-findings.ts';
import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

const FULL = {
  kind: 'log',
  level: 'error',
  service: 'mail',
  message: 'delivery failed\n  at send (mail.ts:12)\n  at run (main.ts:3)',
  attributes: { to: 'reader@example.org', attempts: 3, nested: { deep: [1, 2] } },
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
};

test('A click on a line opens all of it: every line of the message, attributes, ids and position', async ({
  page,
  server,
}) => {
  const { last } = await server.publish([...numbered(0, 10), FULL]);
  const logs = new LogPage(page);
  await logs.open();
  await logs.lines.last().click();
  for (const text of ['at run (main.ts:3)', 'reader@example.org', '{"deep":[1,2]}', FULL.traceId, FULL.spanId, last]) {
    await expect(logs.detail).toContainText(text ?? '');
  }
  await logs.detail.getByRole('button', { name: 'mail' }).click();
  await expect(page).toHaveURL('/logs?service=mail');
  await page.getByRole('button', { name: 'Close (Esc)' }).click();
  await expect(logs.detail).toBeHidden();
});

test('Message, JSON and link are copied as they are, and the link opens the same line', async ({ page, server }) => {
  const { last } = await server.publish([FULL]);
  await server.publish(numbered(0, 700));
  const logs = new LogPage(page);
  await logs.open(`/logs?at=${last}`);
  await expect(logs.detail).toContainText('delivery failed');
  const copied = async (name: string) => {
    await logs.detail.getByRole('button', { name }).click();
    await expect(logs.detail.getByRole('button', { name })).toHaveAttribute('title', 'copied');
    return page.evaluate(() => navigator.clipboard.readText());
  };
  expect(await copied('Message')).toBe(FULL.message);
  expect(JSON.parse(await copied('JSON'))).toMatchObject({ ...FULL, position: last });
  const link = await copied('Link');
  await page.goto('/connection');
  await page.goto(link);
  await expect(logs.detail).toContainText('delivery failed');
});

test('The opened line stays open and its row stays put while lines stream in', async ({ page, server }) => {
  await server.publish(numbered(0, 100));
  const logs = new LogPage(page);
  await logs.open();
  await logs.line(98).click();
  await expect(logs.detail).toContainText('line 98');
  const key = (await logs.line(98).getAttribute('data-key')) ?? '';
  const before = await logs.topOf(key);
  await server.publish(numbered(100, 300));
  await expect(logs.pill).toHaveText('300 new lines');
  expect(await logs.topOf(key)).toBe(before);
  await expect(logs.detail).toContainText('line 98');
});

test('A click in the middle of the last line opens it, though the pill appears there', async ({ page, server }) => {
  await server.publish(numbered(0, 100));
  const logs = new LogPage(page);
  await logs.open();
  await logs.line(99).click();
  await expect(logs.pill).toBeVisible();
  await expect(logs.detail).toContainText('line 99');
});

test('A line has the colours that its program wrote, in each theme one that can be read, and is found across them', async ({
  page,
  server,
}) => {
  const message = 'unit \u001b[32mready\u001b[0m, \u001b[1;31mfai\u001b[33mled\u001b[0m \u001b[38;5;27mblue\u001b[0m';
  await server.publish([...numbered(0, 3), { message }]);
  const logs = new LogPage(page);
  await logs.open('/logs?q=failed');
  const line = logs.lines.last();
  await expect(line).toContainText('unit ready, failed blue');
  await expect(line.getByText('ready', { exact: true })).toHaveClass(/text-good/);
  await expect(line.locator('mark')).toHaveText(['fai', 'led']);
  await line.click();
  await expect(logs.detail.locator('pre').getByText('ready', { exact: true })).toHaveClass(/text-good/);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axeFindings(page)).toEqual([]);
  }
});
