import type { Page } from '@playwright/test';
import { connect } from 'mqtt';
import type { SenderRow, SourcesPage } from '@/lib/wire/source-pages.ts';
import type { SystemFrame } from '@/lib/wire/system-pages.ts';
import { AccessClient, ADMIN_TOKEN } from '../support/access-client.ts';
import { post } from '../support/ingest-client.ts';
import { SseClient } from '../support/sse-client.ts';
import { LogPage } from './log-page.ts';
import type { PageFaults } from './page-faults.ts';
import { expect, test } from './server-fixture.ts';

const SCRIPT = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
const LINK = '\u001b]8;;javascript:window.pwned=1\u0007click\u001b]8;;\u0007';
const TURNED = '\u202Egpj.exe\u202C\u2066\u2069';
const LONG = 'w'.repeat(250);
const FIELDS = [SCRIPT, LINK, TURNED, LONG, '"><svg onload="window.pwned=1">', "javascript:window.pwned=1//'"];

/** Nothing ran, nothing became an element, nothing is wider than the window, no character turns a line round. */
async function isHarmless(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(() => {
    const made =
      'main img, main script, main iframe, main object, svg[onload], a[href^="javascript:" i], body [onerror], header img';
    const shown = [...document.querySelectorAll('main, header, dialog')].map((part) => part.textContent).join(' ');
    const turned = /[\u202a-\u202e\u2066-\u2069]/.exec(shown);
    return {
      ran: Reflect.get(window, 'pwned'),
      made: document.querySelectorAll(made).length,
      wider: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
      turned: turned?.[0],
    };
  });
  expect(found, where).toEqual({ ran: undefined, made: 0, wider: 0, turned: undefined });
}

/** The browser's own complaints; a page that is not there is answered with 404, as it should be. */
function complaints(faults: PageFaults): string[] {
  return faults.list.filter((fault) => !/404/.test(fault));
}

const LOGS = FIELDS.map((field) => ({
  message: field,
  service: field,
  level: 'error',
  traceId: field.slice(0, 64),
  spanId: field.slice(0, 64),
  attributes: { [field]: field, nested: { [field]: [field] } },
}));
const METRICS = FIELDS.flatMap((field) =>
  ['a', 'b'].map((each) => ({
    kind: 'metric',
    name: field,
    unit: field.slice(0, 32),
    value: 1,
    service: field,
    attributes: { [field]: `${field}${each}` },
  })),
);

test('In the logs every field of a line is text, in the list, in the details and in the pickers', async ({
  page,
  server,
  faults,
}) => {
  await server.publish(LOGS);
  const logs = new LogPage(page);
  await logs.open();
  await expect(logs.lines).toHaveCount(LOGS.length);
  await expect(logs.lines.nth(2)).toContainText('‹U+202E›gpj.exe‹U+202C›');
  await isHarmless(page, 'the list');
  for (let index = 0; index < LOGS.length; index += 1) {
    await logs.lines.nth(index).click({ position: { x: 8, y: 10 } });
    await expect(logs.detail).toContainText('traceId');
    const overflow = await logs.detail.evaluate((detail) => detail.scrollWidth - detail.clientWidth);
    expect(overflow, `line ${index} in the details`).toBeLessThanOrEqual(1);
    await isHarmless(page, `line ${index}`);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'All services' }).click();
  await expect(page.getByRole('listbox', { name: 'services' }).getByRole('option')).toHaveCount(LOGS.length);
  await isHarmless(page, 'the services');
  expect(faults.list).toEqual([]);
});

for (const width of [1280, 390]) {
  test(`In the metrics names, units and labels are text, at ${width} px`, async ({ page, server, faults }) => {
    await page.setViewportSize({ width, height: 800 });
    await server.publish(METRICS);
    await page.goto('/metrics');
    await expect(page.getByTestId('metric-chart')).not.toHaveCount(0);
    await expect(page.getByText('‹U+202E›gpj').first()).toBeAttached();
    await isHarmless(page, 'the charts');
    const main = page.locator('main');
    expect(await main.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
    expect(faults.list).toEqual([]);
  });
}

test('On the Sources screen what a sender wrote is text: services, errors, metrics', async ({
  page,
  server,
  faults,
}) => {
  await server.publish(LOGS);
  for (const field of FIELDS) {
    await post(server.url, `${JSON.stringify({ kind: field })}\n`);
    await post(server.url, `${field.replaceAll(/[\r\n]/g, '')}\n`);
  }
  await post(server.url, `${JSON.stringify({ kind: '<img src=x onerror=window.pwned=1>' })}\n`);
  const logs = new LogPage(page);
  await logs.open('/sources');
  await expect(page.locator('[data-sender]')).toContainText(['<img src=x onerror=window.pwned=1>']);
  await isHarmless(page, 'the table');
  await page.locator('[data-sender] td').nth(4).click();
  const panel = page.getByTestId('source-detail');
  await expect(panel).toContainText('<img src=x');
  await isHarmless(page, 'the details');
  expect(await panel.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(1);
  expect(faults.list).toEqual([]);
});

test('Rows that no server would send are text too: address, credential, protocol, metric and scrape target', async ({
  page,
  server,
}) => {
  const answer = await fetch(`${server.url}/api/sources`);
  const plain = (await answer.json()) as SourcesPage;
  const error = (says: string) => ({ atMs: plain.nowMs, says, status: 400, count: 1 });
  const rows = FIELDS.map(
    (field): SenderRow => ({
      ...{ protocol: field, address: field, credential: field, services: [field, `${field}2`], skewMs: 1e15 },
      ...{ requests: 1, accepted: 1e15, rejected: 1e15, late: 1e15, truncated: 1e15, limited: 1, failed: 1 },
      ...{ bytes: 1e15, bytesPerSecond: 1e15, eventsPerSecond: 1e15, firstMs: plain.nowMs, lastMs: plain.nowMs },
      lastError: error(field),
    }),
  );
  const worst = FIELDS.map((field) => ({ service: field, name: field, samples: 1 }));
  const [first] = rows;
  const hostile = {
    ...plain,
    rows,
    uncharted: { samples: 1, series: 1, hasMoreSeries: true, seriesMax: 1, worst },
    doors: { host: SCRIPT, ports: { [SCRIPT]: 1 }, scrape: FIELDS.map((field) => ({ job: field, url: field })) },
    open: { row: first, errors: FIELDS.map(error), uncharted: 1 },
  };
  const totals = { accepted: 1, rejected: 1, late: 0, truncated: 0, limited: 0, failed: 0, bytes: 1 };
  const lastAddress = FIELDS.join(' ');
  const came = { ...totals, protocol: 'remote-write', lastMs: plain.nowMs, lastAddress, lastError: error(lastAddress) };
  const mine = FIELDS.map((field) => ({ ...first, protocol: 'remote-write', address: field, services: [field] }));
  let requests = 0;
  await page.route('**/api/sources/stream*', (route) => {
    // Each time that the page asks again, somebody new has sent by this protocol.
    requests += 1;
    const frame = { ...hostile, rows: [...rows, ...mine], protocols: [{ ...came, requests, senders: requests }] };
    return route.fulfill({
      contentType: 'text/event-stream',
      body: `event: sources\ndata: ${JSON.stringify(frame)}\n\n`,
    });
  });
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto('/sources');
    await expect(page.locator('[data-sender]')).toHaveCount(2 * FIELDS.length);
    await isHarmless(page, `the table at ${width} px`);
    await page.locator('[data-sender] td').first().click();
    await expect(page.getByTestId('source-detail')).toContainText('<img src=x');
    await isHarmless(page, `the details at ${width} px`);
    await page.goto('/sources?add=prometheus');
    await expect(page.getByTestId('add-source')).toContainText('<img src=x');
    await expect(page.getByTestId('guide-status')).toContainText('first byte');
    await expect(page.getByTestId('guide-status')).toContainText('the sender was told: 400 · <img src=x');
    await isHarmless(page, `the guide at ${width} px`);
  }
});

test('On the Connections screen agents, names of clients and filters are text', async ({ page, server, faults }) => {
  const visitors = FIELDS.map((field) => {
    const query = `?${new URLSearchParams({ service: field, q: field.slice(0, 200) })}`;
    const agent = field.replaceAll(/[^\x20-\x7e]/g, '?');
    return new SseClient(server.url, { query, headers: { 'User-Agent': agent } });
  });
  const client = connect(`${server.url.replace('http', 'ws')}/mqtt`, {
    clientId: `${SCRIPT}${TURNED}`,
    protocolVersion: 5,
  });
  client.subscribe(`tailrace/logs/${SCRIPT.replaceAll('/', '')}/+`);
  try {
    await page.goto('/connections');
    const rows = page.locator('[data-connection]');
    await expect(rows).toHaveCount(FIELDS.length + 2);
    await isHarmless(page, 'the table');
    for (let index = 0; index < FIELDS.length + 2; index += 1) {
      await rows.nth(index).locator('td').nth(1).click();
      const panel = page.getByTestId('connection-detail');
      await expect(panel).toContainText('agent');
      await isHarmless(page, `row ${index}`);
      expect(await panel.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(1);
    }
    expect(faults.list).toEqual([]);
  } finally {
    for (const visitor of visitors) visitor.close();
    await client.endAsync(true);
  }
});

test.describe('where everybody logs in', () => {
  test.use({ environment: { TAILRACE_ACCESS: 'closed', TAILRACE_ADMIN_TOKEN: ADMIN_TOKEN } });

  test('names of keys, people and browsers are text: in the tables, in dialogs, in the menu', async ({
    page,
    server,
    context,
    faults,
  }) => {
    const access = new AccessClient(server.url);
    const names = FIELDS.map((field) => field.replaceAll(/\p{Cc}/gu, '?').slice(0, 60));
    for (const name of names) await access.token({ name, role: 'admin' });
    const [script = '', , turned = ''] = names;
    const { token } = await access.token({ name: `${turned}2`, role: 'admin' });
    await context.request.post(`${server.url}/api/login`, {
      data: { token },
      headers: { 'User-Agent': SCRIPT },
    });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto('/access');
      await expect(page.getByTestId(`token-${script}`)).toContainText('<img src=x');
      await expect(page.getByRole('region', { name: 'What was done', exact: true })).toContainText('‹U+202E›gpj');
      await isHarmless(page, `the tables at ${width} px`);
      await page.getByRole('button', { name: `Revoke ${script}` }).click();
      await expect(page.getByRole('dialog', { name: `Revoke ${script}?` })).toBeVisible();
      await isHarmless(page, `the question at ${width} px`);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^You are ‹U\+202E›gpj/ }).click();
      await expect(page.getByRole('button', { name: 'Log out', exact: true })).toBeVisible();
      await isHarmless(page, `the menu at ${width} px`);
      await page.keyboard.press('Escape');
    }
    expect(faults.list).toEqual([]);
  });

  test('rows that no server would send, and answers to a login, are text too', async ({ page, server, context }) => {
    const atMs = Date.now();
    const who = (field: string) => ({ name: field, role: 'viewer', createdMs: atMs, createdBy: field, usedMs: atMs });
    const rows = FIELDS.map((field, index) => ({ ...who(field), id: String(index), expiresMs: atMs + 1e6 }));
    const accessPage = {
      tokens: rows.map((row) => ({ ...row, hint: 'trl_abc…', services: [row.name], level: row.name, revokedMs: null })),
      accounts: rows.map((row) => ({ ...row, username: row.name })),
      sessions: rows.map((row) => ({ ...row, by: row.name, userAgent: row.name, address: row.name, isOwn: false })),
    };
    const entries = rows.map(({ id, name }) => ({ id, atMs, who: name, act: name, target: name, address: name }));
    await context.request.post(`${server.url}/api/login`, { data: { token: ADMIN_TOKEN } });
    await page.route('**/api/access', (route) => route.fulfill({ json: accessPage }));
    await page.route('**/api/audit', (route) => route.fulfill({ json: { entries } }));
    const problem = { code: 'unauthorized', detail: FIELDS.join(' ') };
    await page.route('**/api/login', (route) => route.fulfill({ status: 401, json: problem }));
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto('/access');
      await expect(page.getByRole('region', { name: 'Logins', exact: true })).toContainText('<img src=x');
      await isHarmless(page, `the tables at ${width} px`);
      await page.goto('/login');
      await page.locator('input[name=username]').fill(SCRIPT);
      await page.locator('input[name=password]').fill(SCRIPT);
      await page.getByRole('button', { name: 'Log in', exact: true }).click();
      await expect(page.getByRole('alert').filter({ hasText: '<img' })).toBeVisible();
      await isHarmless(page, `the login at ${width} px`);
    }
  });
});

test('On the System screen filters of slow calls and words of a broken store are text', async ({ page, server }) => {
  const answer = await fetch(`${server.url}/api/system/stream?once=1`);
  const frame = (await answer.json()) as SystemFrame;
  const { report } = frame;
  const { nowMs } = report;
  const hostile = {
    ...frame,
    report: {
      ...report,
      slowCalls: FIELDS.map((field) => ({ atMs: nowMs, method: 'read', tookMs: 5000, detail: field, failed: true })),
      breakers: report.breakers.map((breaker) => ({ ...breaker, state: 'open', lastError: FIELDS.join(' ') })),
      ledger: {
        ...report.ledger,
        leaked: 1,
        leaks: FIELDS.map((owner) => ({ owner, kind: 'timer', count: 1, atMs: nowMs })),
      },
    },
  };
  const body = `event: system\ndata: ${JSON.stringify(hostile)}\n\n`;
  await page.route('**/api/system/stream*', (route) => route.fulfill({ contentType: 'text/event-stream', body }));
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto('/system');
    await expect(page.getByRole('region', { name: 'Slow history calls', exact: true })).toContainText('<img src=x');
    await isHarmless(page, `at ${width} px`);
  }
});

test('Nothing in an address runs, on any page', async ({ page, server, faults }) => {
  await server.publish([...LOGS, ...METRICS]);
  const names = [
    'q',
    'service',
    'level',
    'at',
    'range',
    'sort',
    'order',
    'state',
    'closed',
    'id',
    'open',
    'add',
    'transport',
  ];
  for (const path of ['/logs', '/metrics', '/sources', '/connections', '/connection', '/system']) {
    for (const field of FIELDS) {
      const query = new URLSearchParams(names.map((name) => [name, field]));
      await page.goto(`${path}?${query}#${encodeURIComponent(field)}`);
      await expect(page.getByTestId('connection-badge')).toBeVisible();
      await isHarmless(page, `${path} with ${field.slice(0, 20)}`);
    }
  }
  await page.goto(`/${encodeURIComponent(SCRIPT)}`);
  await isHarmless(page, 'a page that is not there');
  expect(complaints(faults)).toEqual([]);
});
