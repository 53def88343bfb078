import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Locator } from '@playwright/test';
import { ADMIN_TOKEN } from '../support/access-client.ts';
import { post } from '../support/ingest-client.ts';
import { axeFindings } from './axe-findings.ts';
import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

/** The screen of everybody who sends. */
class SourcesPage extends LogPage {
  readonly table: Locator = this.page.getByRole('region', { name: 'Sources, scrollable' });
  readonly senders: Locator = this.page.locator('[data-sender]');
  readonly panel: Locator = this.page.getByTestId('source-detail');
  readonly guide: Locator = this.page.getByTestId('add-source');
  readonly snippets: Locator = this.page.getByTestId('snippet');
  readonly status: Locator = this.page.getByTestId('guide-status');
  readonly testLine: Locator = this.page.getByTestId('test-line');
  readonly find: Locator = this.page.getByRole('searchbox', { name: 'Find sources' });

  cell(row: Locator, column: number): Locator {
    return row.locator('td').nth(column);
  }

  isWide(): Promise<boolean> {
    return this.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  }
}

const ACCEPTED = 4;
const REJECTED = 5;
const SEEN = 11;
const LAST_ERROR = 12;
const shell = promisify(execFile);

/** As a person runs it who has copied it. */
async function runCopied(text: string): Promise<string> {
  const { stdout } = await shell('bash', ['-c', text], { timeout: 20_000 });
  return stdout;
}

test('A sender appears with its first byte, and its row tells what became of everything', async ({ page, server }) => {
  const sources = new SourcesPage(page);
  await sources.open('/sources');
  await expect(page.getByText('Nothing has been sent since the server was started')).toBeVisible();
  await server.publish([
    { message: 'one', service: 'api' },
    { message: 'two', service: 'shop' },
  ]);
  await expect(sources.senders).toHaveCount(1);
  const row = sources.senders.first();
  await expect(row).toContainText('HTTP');
  await expect(row).toContainText('127.0.0.1');
  await expect(sources.cell(row, ACCEPTED)).toHaveText('2');
  await expect(sources.cell(row, REJECTED)).toHaveText('0');
  const { answer } = await post(server.url, 'no json at all\n');
  await expect(sources.cell(row, REJECTED)).toHaveText('1');
  await expect(sources.cell(row, LAST_ERROR)).toContainText(answer.errors[0]?.error ?? '');
  await expect(page.getByTestId('sources-accepted')).toHaveText('2 events accepted');
  await expect(sources.cell(row, SEEN)).toHaveText(/^\d s$/);
  await row.getByRole('link', { name: 'shop' }).click();
  await expect(page).toHaveURL(/\/logs\?service=shop$/);
  await expect(sources.lines).toHaveCount(1);
});

test.describe('with the built-in sources', () => {
  test.use({ environment: { TAILRACE_SOURCES: 'host,process,log' } });

  test('they are senders too, under their names', async ({ page }) => {
    const sources = new SourcesPage(page);
    await sources.open('/sources?sort=address&order=asc');
    await expect(sources.senders).toHaveCount(3);
    await expect(sources.senders).toContainText([/Built-in.*host/, /Built-in.*own-logs/, /Built-in.*tailrace/]);
  });
});

test('A test line is measured from the click to the screen', async ({ page, faults }) => {
  const sources = new SourcesPage(page);
  await sources.open('/sources');
  for (const name of ['Send a test line', 'Send a test line']) {
    await page.getByRole('button', { name }).first().click();
    await expect(sources.testLine).toHaveAttribute('data-state', 'arrived');
    for (const figure of ['ingest', 'stored', 'on screen']) {
      await expect(sources.testLine.locator(`[data-figure="${figure}"]`)).toHaveText(/^[\d.]+ m?s$/);
    }
    await expect(sources.testLine).toContainText(/at [A-Za-z0-9]{8}\.\d+/);
  }
  await expect(sources.senders).toContainText(['Test line']);
  expect(faults.list).toEqual([]);
});

test('A test line that is not stored says so, and why', async ({ page }) => {
  const sources = new SourcesPage(page);
  await sources.open('/sources');
  const problem = { code: 'storage-overloaded', detail: 'the journal is full; send again in 5 s' };
  await page.route('**/api/sources/test*', (route) => route.fulfill({ status: 503, json: problem }));
  await page.getByRole('button', { name: 'Send a test line' }).first().click();
  await expect(sources.testLine).toHaveAttribute('data-state', 'failed');
  await expect(sources.testLine).toContainText('It was not stored: the journal is full; send again in 5 s');
  await page.unroute('**/api/sources/test*');
  await page.getByRole('button', { name: 'Send a test line' }).first().click();
  await expect(sources.testLine).toHaveAttribute('data-state', 'arrived');
});

test('Every snippet of curl works as it is copied, and turns green with what came', async ({ page, server }) => {
  const sources = new SourcesPage(page);
  await sources.open('/logs');
  await page.getByRole('link', { name: 'add a program' }).click();
  await expect(sources.guide).toBeVisible();
  await expect(sources.snippets).toHaveCount(3);
  await expect(sources.status).toHaveAttribute('data-state', 'waiting');
  // As it is selected with a pointer; a line that is too wide for the panel is still one line.
  const [line = '', metric = ''] = await sources.snippets.locator('pre').allInnerTexts();
  expect(line).toContain(`${server.url}/api/events`);
  expect(JSON.parse(await runCopied(line))).toMatchObject({ accepted: 1 });
  await expect(sources.status).toHaveAttribute('data-state', 'heard', { timeout: 2500 });
  await expect(sources.status.getByRole('status')).toHaveText('It works');
  await expect(sources.status).toContainText(/first byte [\d.]+ s ago from 127\.0\.0\.1: 1 accepted of shell/);
  await expect(page.getByRole('button', { name: 'curl, heard' })).toBeVisible();
  expect(JSON.parse(await runCopied(metric))).toMatchObject({ accepted: 1 });
  await expect(sources.status).toContainText(': 2 accepted');
  await sources.status.getByRole('link', { name: 'see the lines' }).click();
  await expect(page).toHaveURL(/\/logs\?service=shell$/);
  await expect(sources.lines).toHaveCount(1);
});

test('What is copied is what is shown, to the letter', async ({ page, server, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  const sources = new SourcesPage(page);
  await sources.open('/sources?add=curl');
  const shown = await sources.snippets.first().locator('pre').innerText();
  await page.getByRole('button', { name: 'Copy: One line, or an array of them' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
  await page.getByRole('button', { name: 'Copy: the address' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(server.url);
});

test('Where what comes is refused, the answer stands where one looks', async ({ page, server }) => {
  const sources = new SourcesPage(page);
  await sources.open('/sources?add=curl');
  await expect(sources.status).toHaveAttribute('data-state', 'waiting');
  const { answer } = await post(server.url, '{"message":1}\n');
  await expect(sources.status).toHaveAttribute('data-state', 'refused');
  await expect(sources.status).toContainText(`the sender was told: ${answer.errors[0]?.error}`);
  await expect(page.getByRole('button', { name: 'curl, refused' })).toBeVisible();
});

test('While others send the same way, only who is new turns it green', async ({ page, server }) => {
  await server.publish([{ message: 'of another', service: 'shop' }]);
  const sources = new SourcesPage(page);
  await sources.open('/sources?add=curl');
  await expect(sources.status).toHaveAttribute('data-state', 'busy');
  await server.publish([{ message: 'of another again', service: 'shop' }]);
  const { answer } = await post(server.url, '{"message":1}\n');
  await expect(sources.status).toContainText(`the sender was told: ${answer.errors[0]?.error}`);
  await expect(sources.status).toHaveAttribute('data-state', 'busy');
  await server.publish([{ message: 'mine', service: 'api' }]);
  await expect(sources.status).toHaveAttribute('data-state', 'heard');
  await expect(sources.status).toContainText('new is api');
});

test('The keyboard goes into what it has opened, stays on the way that it picks, and comes back', async ({ page }) => {
  const sources = new SourcesPage(page);
  await sources.open('/sources');
  const add = page.getByRole('button', { name: 'Add a source' });
  await add.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Add a source' })).toBeFocused();
  for (const _key of ['to the close button', 'to what scrolls', 'to the first way', 'to the second way']) {
    await page.keyboard.press('Tab');
  }
  const program = page.getByRole('button', { name: 'A program', exact: true });
  await expect(program).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(program).toHaveAttribute('aria-pressed', 'true');
  await expect(program).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(sources.guide).toBeHidden();
  await expect(add).toBeFocused();
});

test.describe('where everybody logs in', () => {
  test.use({
    environment: { TAILRACE_ACCESS: 'closed', TAILRACE_ADMIN_TOKEN: ADMIN_TOKEN, TAILRACE_SOURCES: 'none' },
  });

  test('a key is made on the page, any number of them, and one that is wrong is told', async ({
    page,
    server,
    context,
    faults,
  }) => {
    await context.request.post(`${server.url}/api/login`, { data: { token: ADMIN_TOKEN } });
    const sources = new SourcesPage(page);
    await sources.open('/sources?add=curl');
    await expect(sources.snippets.first()).toContainText('$TAILRACE_TOKEN');
    await expect(runCopied(await sources.snippets.first().locator('pre').innerText())).resolves.toContain(
      'unauthorized',
    );
    await expect(sources.status).toHaveAttribute('data-state', 'refused');
    await expect(sources.status).toContainText('the sender was told: 401');
    for (const round of ['the first', 'another']) {
      await page.getByRole('button', { name: 'Make a key' }).click();
      await expect(sources.snippets.first(), round).toContainText(/Bearer trl_[\w-]{43}/);
      const copied = await sources.snippets.first().locator('pre').innerText();
      expect(JSON.parse(await runCopied(copied))).toMatchObject({ accepted: 1 });
      await page.keyboard.press('Escape');
      await expect(sources.guide).toBeHidden();
      // Names of keys tell the second in which they were made.
      await page.waitForTimeout(1000);
      await page.getByRole('button', { name: 'Add a source' }).click();
    }
    await expect(sources.senders).toContainText([/Sources page, \d{4}-/]);
    expect(faults.list).toEqual([]);
  });

  test('the first line that an empty screen offers carries what stands for the key', async ({
    page,
    server,
    context,
  }) => {
    await context.request.post(`${server.url}/api/login`, { data: { token: ADMIN_TOKEN } });
    await page.goto('/logs');
    await expect(page.getByRole('region', { name: 'One line' })).toContainText('Bearer $TAILRACE_TOKEN');
    await page.goto('/metrics');
    await expect(page.getByRole('region', { name: 'One sample' })).toContainText('Bearer $TAILRACE_TOKEN');
    await page.getByRole('link', { name: 'add Prometheus' }).click();
    await expect(page.getByRole('heading', { name: 'Add a source' })).toBeVisible();
  });
});

test('Every guide has its snippets, and one whose listener is off says how to open it', async ({ page, faults }) => {
  const sources = new SourcesPage(page);
  await sources.open('/sources?add=curl');
  const ways = page.getByRole('navigation', { name: 'Ways in' }).getByRole('button');
  await expect(ways.first()).toBeVisible();
  for (const way of await ways.all()) {
    await way.click();
    await expect(way).toHaveAttribute('aria-pressed', 'true');
    await expect(sources.snippets.first()).toBeVisible();
    const overflow = await sources.guide.evaluate((guide) => guide.scrollWidth - guide.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  }
  await page.getByRole('button', { name: 'syslog' }).click();
  await expect(sources.status).toHaveAttribute('data-state', 'off');
  await expect(sources.snippets.first()).toContainText('TAILRACE_SYSLOG_PORT=5514 npm start');
  await expect(page).toHaveURL(/add=syslog/);
  await page.keyboard.press('Escape');
  await expect(sources.guide).toBeHidden();
  expect(faults.list).toEqual([]);
});

test('What is filtered, sorted and opened stands in the address, and a reload keeps it', async ({ page, server }) => {
  await server.publish(numbered(0, 3, { service: 'api' }));
  const sources = new SourcesPage(page);
  await sources.open('/sources');
  await page.getByRole('button', { name: 'Send a test line' }).click();
  await expect(sources.senders).toHaveCount(2);
  await page.getByRole('button', { name: 'Accepted' }).click();
  await expect(page.getByRole('columnheader', { name: 'Accepted' })).toHaveAttribute('aria-sort', 'descending');
  await expect(sources.senders).toContainText(['HTTP', 'Test line']);
  await page.keyboard.press('/');
  await page.keyboard.type('api');
  await expect(sources.senders).toHaveCount(1);
  await sources.cell(sources.senders.first(), ACCEPTED).click();
  await expect(sources.panel).toContainText('3 events');
  await expect(page).toHaveURL(/q=api&sort=accepted&order=desc&open=events\+127\.0\.0\.1/);
  await page.reload();
  await expect(sources.panel).toContainText('3 events');
  await expect(sources.senders).toHaveCount(1);
  await sources.find.fill('nobody has this');
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(sources.senders).toHaveCount(2);
});

test('The details keep the last errors, each as it was answered', async ({ page, server }) => {
  await post(server.url, '{"message":1}\n{"message":2}\n');
  const wrong = await fetch(`${server.url}/api/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/css' },
    body: 'x',
  });
  const { detail } = (await wrong.json()) as { detail: string };
  const sources = new SourcesPage(page);
  await sources.open('/sources');
  await sources.cell(sources.senders.first(), ACCEPTED).click();
  const errors = sources.panel.getByRole('region', { name: 'Last errors' }).getByRole('listitem');
  await expect(errors).toHaveCount(2);
  await expect(errors.first()).toContainText(`415 · ${detail}`);
  await expect(errors.last()).toContainText('2 times');
});

test('The keyboard walks the rows, opens one and comes back to it', async ({ page, server }) => {
  await server.publish(numbered(0, 3));
  const sources = new SourcesPage(page);
  await sources.open('/sources?sort=address');
  await page.keyboard.press('t');
  await expect(sources.senders).toHaveCount(2);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-row') ?? undefined);
  await page.keyboard.press('ArrowDown');
  const first = await focused();
  await page.keyboard.press('j');
  const second = await focused();
  expect(first).toBeDefined();
  expect(second).not.toBe(first);
  await page.keyboard.press('Enter');
  await expect(sources.panel).toBeVisible();
  await page.keyboard.press('k');
  await expect.poll(focused).toBe(first);
  await page.keyboard.press('Escape');
  await expect(sources.panel).toBeHidden();
  expect(await focused()).toBe(first);
  await page.keyboard.press('a');
  await expect(sources.guide).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(sources.guide).toBeHidden();
});

test.describe('with room for few series', () => {
  test.use({ environment: { TAILRACE_SERIES_MAX: '10' } });

  test('samples that are in no chart are told, with the metrics that need the room', async ({ page, server }) => {
    const sources = new SourcesPage(page);
    await sources.open('/sources');
    const samples = Array.from({ length: 30 }, (_, user) => {
      return { kind: 'metric', name: 'by.user', value: 1, service: 'shop', attributes: { user } };
    });
    await server.publish(samples);
    const notice = page.getByTestId('uncharted');
    await expect(notice).toContainText('20 samples of 20 series were not charted: the limit of 10 series is reached');
    await expect(notice).toContainText('by.user of shop: 20');
    expect(await axeFindings(page)).toEqual([]);
  });
});

test('Values that change move nothing', async ({ page, server }) => {
  await server.publish(numbered(0, 10, { service: 'mail' }));
  const sources = new SourcesPage(page);
  await sources.open('/sources?sort=address');
  await expect(sources.senders).toHaveCount(1);
  const geometry = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('main th, main tr, main button, main section')].map((element) => {
        const { left, top, width } = element.getBoundingClientRect();
        return [left, top, width];
      }),
    );
  const before = await geometry();
  await server.publish(numbered(10, 5000, { service: 'mail' }));
  await post(server.url, `${'{"message":1}\n'.repeat(3)}`);
  await expect(sources.cell(sources.senders.first(), ACCEPTED)).toHaveText('5,010');
  await expect(sources.cell(sources.senders.first(), REJECTED)).toHaveText('3');
  expect(await geometry()).toEqual(before);
});

test('A server that is away is told, and its rows are there again when it is back', async ({ page, server }) => {
  await server.publish(numbered(0, 3));
  const sources = new SourcesPage(page);
  await sources.open('/sources');
  await expect(sources.senders).toHaveCount(1);
  await server.kill();
  await expect(page.getByText('The server cannot be reached: this is how it was.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send a test line' })).toBeDisabled();
  await server.restart();
  await expect(page.getByText('Nothing has been sent since the server was started')).toBeVisible();
  await sources.isLive();
  await page.getByRole('button', { name: 'Send a test line' }).first().click();
  await expect(sources.testLine).toHaveAttribute('data-state', 'arrived');
});

for (const width of [390, 360]) {
  test(`At ${width} px the screen does not scroll sideways, and details and guides are sheets`, async ({
    page,
    server,
  }) => {
    await page.setViewportSize({ width, height: 740 });
    await server.publish([{ message: 'x', service: 'a-service-with-a-rather-long-name' }]);
    const sources = new SourcesPage(page);
    await sources.open('/sources');
    await expect(sources.senders).toHaveCount(1);
    expect(await sources.isWide()).toBe(false);
    await sources.cell(sources.senders.first(), 0).click();
    await expect(sources.panel).toBeInViewport({ ratio: 1 });
    expect(await sources.isWide()).toBe(false);
    await page.getByRole('button', { name: 'Close (Esc)' }).click();
    await page.getByRole('button', { name: 'Add a source' }).click();
    await expect(sources.guide).toBeInViewport({ ratio: 1 });
    expect(await sources.isWide()).toBe(false);
  });
}
