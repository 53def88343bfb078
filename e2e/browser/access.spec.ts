import type { Page } from '@playwright/test';
import { AccessClient, ADMIN_TOKEN, bearer, logIn } from '../support/access-client.ts';
import { axeFindings } from './axe-findings.ts';
import { expect, test } from './server-fixture.ts';

const PASSWORD = 'correct horse battery';

test.use({
  environment: { TAILRACE_ACCESS: 'closed', TAILRACE_ADMIN_TOKEN: ADMIN_TOKEN, TAILRACE_SOURCES: 'none' },
});

async function send(url: string, messages: readonly string[]): Promise<void> {
  await fetch(`${url}/api/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...bearer(ADMIN_TOKEN) },
    body: JSON.stringify(messages.map((message) => ({ message, service: 'shop', level: 'info' }))),
  });
}

async function fillLogin(page: Page, username: string, password: string): Promise<void> {
  await page.locator('input[name=username]').fill(username);
  await page.locator('input[name=password]').fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

test('whoever wants a page logs in and comes to it, and is out after the logout', async ({ page, server, faults }) => {
  await new AccessClient(server.url).account('ada', PASSWORD, 'operator');
  await page.goto('/logs?service=shop');
  await expect(page).toHaveURL(/\/login\?next=%2Flogs%3Fservice%3Dshop$/);
  await fillLogin(page, 'ada', 'wrong');
  await expect(page.getByText('the name or the password is wrong')).toBeVisible();
  await fillLogin(page, 'ada', PASSWORD);
  await expect(page).toHaveURL(/\/logs\?service=shop$/);
  await expect(page.getByTestId('connection-badge')).toHaveAttribute('data-phase', 'live');
  await page.getByRole('button', { name: 'You are ada, operator' }).click();
  await expect(page.getByRole('link', { name: 'Access' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page).toHaveURL(/\/login$/);
  await page.goto('/metrics');
  await expect(page).toHaveURL(/\/login\?next=%2Fmetrics$/);
  // The wrong password, and nothing else: no script that the policy of the page forbids, no request that failed.
  expect(faults.list.filter((fault) => !fault.includes('401'))).toEqual([]);
});

test('a login that ends in the middle of a stream: the page says so, and after the next one nothing is lost', async ({
  page,
  server,
}) => {
  const access = new AccessClient(server.url);
  await access.account('ada', PASSWORD, 'viewer');
  await page.goto('/logs');
  await fillLogin(page, 'ada', PASSWORD);
  await expect(page.getByTestId('connection-badge')).toHaveAttribute('data-phase', 'live');
  await send(server.url, ['before one', 'before two']);
  await expect(page.getByText('before two')).toBeVisible();
  const { sessions } = (await access.ask('GET', '/api/access')) as { sessions: { id: string; name: string }[] };
  await access.ask('DELETE', `/api/access/sessions/${sessions.find(({ name }) => name === 'ada')?.id}`);
  await expect(page.getByTestId('connection-badge')).toContainText('signed out');
  await send(server.url, ['meanwhile one', 'meanwhile two']);
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('/api/stream')) asked += 1;
  });
  await page.waitForTimeout(1500);
  expect(asked).toBe(0);
  await page.getByRole('button', { name: 'Log in again' }).click();
  const dialog = page.getByRole('dialog', { name: 'Log in again' });
  await dialog.locator('input[name=username]').fill('ada');
  await dialog.locator('input[name=password]').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Log in', exact: true }).click();
  await expect(page.getByTestId('connection-badge')).toHaveAttribute('data-phase', 'live');
  for (const text of ['before one', 'before two', 'meanwhile one', 'meanwhile two']) {
    await expect(page.getByText(text, { exact: true })).toHaveCount(1);
  }
  await expect(page.getByTestId('connection-badge')).toContainText('0 lost · 0 repeated');
});

for (const width of [1280, 360]) {
  test(`at ${width} px an account changes its own password by keyboard, which ends its other browsers`, async ({
    browser,
    server,
  }) => {
    await new AccessClient(server.url).account('grace', PASSWORD, 'viewer');
    const elsewhere = await logIn(server.url, { username: 'grace', password: PASSWORD });
    const context = await browser.newContext({ viewport: { width, height: 740 } });
    const page = await context.newPage();
    await page.goto(`${server.url}/logs`);
    await fillLogin(page, 'grace', PASSWORD);
    await page.getByRole('button', { name: 'You are grace, viewer' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Change password' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Change your password' });
    await expect(dialog.getByLabel('Present password')).toBeFocused();
    await page.keyboard.type('not the present one');
    await page.keyboard.press('Tab');
    await page.keyboard.type('another battery staple');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toHaveText('the present password is wrong');
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByLabel('Present password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('status')).toContainText('Your password is changed');
    await page.keyboard.press('Enter');
    await expect(dialog).toHaveCount(0);
    const statusOf = async (cookie: string) =>
      (await fetch(`${server.url}/api/events`, { headers: { Cookie: cookie } })).status;
    expect(await statusOf(elsewhere.cookie)).toBe(401);
    // This one stays.
    await page.reload();
    await expect(page.getByRole('button', { name: 'You are grace, viewer' })).toBeVisible();
    await context.close();
    expect((await logIn(server.url, { username: 'grace', password: PASSWORD })).status).toBe(401);
    expect((await logIn(server.url, { username: 'grace', password: 'another battery staple' })).status).toBe(200);
  });
}

test('the login page says what has failed at the identity provider, and nothing else that an address says', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}/login?failed=no-role&next=%2Fmetrics`);
  await expect(page.getByRole('alert').filter({ hasText: 'you have no role here' })).toBeVisible();
  for (const failed of ['toString', '<b>x</b>', 'Call 555 0100']) {
    await page.goto(`${server.url}/login?failed=${encodeURIComponent(failed)}`);
    await expect(page.getByRole('button', { name: 'Log in', exact: true })).toBeVisible();
    await expect(page.locator('main')).not.toContainText(failed);
  }
});

test('an administrator makes a token, sees it once, and revokes it', async ({ page, server, faults }) => {
  await page.goto('/login?next=%2Faccess');
  await page.getByText('token', { exact: true }).click();
  await page.locator('input[name=token]').fill(ADMIN_TOKEN);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await expect(page).toHaveURL(/\/access$/);
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog', { name: 'New token' });
  await dialog.getByLabel('Name', { exact: true }).fill('the shop');
  await dialog.getByLabel('May send for these services').fill('shop, cart');
  await dialog.getByRole('button', { name: 'Make the token' }).click();
  const token = (await dialog.getByTestId('token-made').textContent()) ?? '';
  expect(token).toMatch(/^trl_[\w-]{43}$/);
  await dialog.getByRole('button', { name: 'I have it' }).click();
  const row = page.getByTestId('token-the shop');
  await expect(row).toContainText('cart, shop');
  expect(await page.content()).not.toContain(token);
  const post = async () =>
    (
      await fetch(`${server.url}/api/events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...bearer(token) },
        body: '{"message":"m","service":"shop"}',
      })
    ).status;
  expect(await post()).toBe(200);
  await row.getByRole('button', { name: 'Revoke the shop' }).click();
  await page.getByRole('dialog', { name: 'Revoke the shop?' }).getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toContainText('revoked');
  expect(await post()).toBe(401);
  const done = page.getByRole('region', { name: 'What was done', exact: true });
  await expect(done).toContainText('token revoked');
  await expect(done).toContainText('logged in');
  await done.getByText('all but logins').click();
  await expect(done).not.toContainText('logged in');
  await expect(done).toContainText('token revoked');
  expect(faults.list).toEqual([]);
});

test('over plain http a browser offers no clipboard, and a token can be copied all the same', async ({
  page,
  context,
  server,
}) => {
  await context.request.post(`${server.url}/api/login`, { data: { token: ADMIN_TOKEN } });
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.goto('/access');
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog', { name: 'New token' });
  await dialog.getByLabel('Name', { exact: true }).fill('the shop');
  await dialog.getByRole('button', { name: 'Make the token' }).click();
  const token = (await dialog.getByTestId('token-made').textContent()) ?? '';
  const copy = dialog.getByRole('button', { name: 'Copy' });
  await copy.click();
  await expect(dialog.getByRole('status')).toHaveText('copied');
  await expect(copy).toBeFocused();
  await dialog.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('button', { name: 'New token' }).click();
  const field = page.getByRole('dialog').getByLabel('Name', { exact: true });
  await field.focus();
  await page.keyboard.press('ControlOrMeta+v');
  await expect(field).toHaveValue(token);
});

test('a one-time link that is used up leads to the other ways in, and nothing jumps when one fails', async ({
  page,
}) => {
  await page.goto('/login#once=trl_used');
  await page.getByRole('button', { name: 'Log in with this link' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'used or has expired' })).toBeVisible();
  await page.getByRole('button', { name: 'Log in with a password or a token' }).click();
  const field = page.locator('input[name=username]');
  const before = await field.boundingBox();
  await fillLogin(page, 'ada', 'wrong');
  await expect(page.getByText('the name or the password is wrong')).toBeVisible();
  expect(await field.boundingBox()).toEqual(before);
});

test('a viewer sees no way to do what its role may not', async ({ page, server }) => {
  const { token } = await new AccessClient(server.url).token({ role: 'viewer' });
  await page.goto('/connections');
  await page.getByText('token', { exact: true }).click();
  await page.locator('input[name=token]').fill(token);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  const drain = page.getByRole('button', { name: 'Drain all…' });
  await expect(drain).toBeDisabled();
  await expect(drain).toHaveAttribute('title', 'Your role (viewer) may not do this');
  await page.goto('/access');
  await expect(page.getByText('You may not see this page')).toBeVisible();
});

test('whoever sees a part is shown no pages that tell of all', async ({ page, server }) => {
  const { token } = await new AccessClient(server.url).token({ role: 'viewer', services: ['shop'] });
  await page.goto('/logs');
  await page.getByText('token', { exact: true }).click();
  await page.locator('input[name=token]').fill(token);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Logs' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'System' })).toHaveCount(0);
});

test.describe('the policy of the pages', () => {
  test.use({ environment: {} });

  for (const path of [
    '/logs',
    '/metrics',
    '/connections',
    '/connection',
    '/system',
    '/access',
    '/login',
    '/no-such-page',
  ]) {
    test(`lets everything of ${path} run, and nothing else`, async ({ page, server, faults }) => {
      await send(server.url, ['a line']);
      const response = await page.goto(path);
      const policy = response?.headers()['content-security-policy'] ?? '';
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
      expect(policy).toContain("object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
      expect(nonce).toMatch(/^[\w+/]{22}==$/);
      if (path !== '/login') await expect(page.getByTestId('connection-badge')).toHaveAttribute('data-phase', 'live');
      // What a sender could write, were it ever taken for a part of the page.
      const isRun = await page.evaluate(() => {
        const script = '<script>parent.wasRun = true</script>';
        const image = '<img alt="" src="data:," onerror="parent.wasRun = true">';
        const frame = document.createElement('iframe');
        frame.srcdoc = script + image;
        document.body.append(frame);
        document.body.insertAdjacentHTML('beforeend', image);
        return new Promise((resolve) => setTimeout(() => resolve('wasRun' in window), 300));
      });
      expect(isRun).toBe(false);
      const own = faults.list.filter((fault) => !/inline|no-such-page|404|data:/.test(fault));
      expect(own).toEqual([]);
      const again = (await page.request.get(path, { headers: { Accept: 'text/html' } })).headers();
      expect(again['content-security-policy']).not.toContain(String(nonce));
    });
  }
});

for (const path of ['/login', '/login#once=trl_nothing', '/access']) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`${path} can be used by everybody, ${scheme}, on a phone as well`, async ({ page, server, context }) => {
      const access = new AccessClient(server.url);
      await access.account('ada', PASSWORD, 'admin');
      await access.token({ role: 'ingest', services: ['shop', 'cart'] });
      await access.revoke(await access.token({ role: 'viewer', level: 'warn' }));
      if (path === '/access') {
        const response = await context.request.post(`${server.url}/api/login`, { data: { token: ADMIN_TOKEN } });
        expect(response.status()).toBe(200);
      }
      await page.emulateMedia({ colorScheme: scheme });
      for (const viewport of [
        { width: 1280, height: 800 },
        { width: 390, height: 844 },
      ]) {
        await page.setViewportSize(viewport);
        await page.goto(path);
        await expect(page.getByRole('heading').first()).toBeAttached();
        if (path === '/access') await expect(page.getByText('ada').first()).toBeVisible();
        expect(await axeFindings(page)).toEqual([]);
        if (path === '/access') {
          // What can be done to a row is in sight, however narrow the window is.
          await expect(page.getByRole('button', { name: 'Change ada' })).toBeInViewport({ ratio: 1 });
          for (const name of ['New token', 'New account']) {
            await page.getByRole('button', { name }).click();
            await expect(page.getByRole('dialog', { name })).toBeInViewport({ ratio: 1 });
            await expect(page.getByRole('dialog', { name }).getByLabel('Name', { exact: true })).toBeFocused();
            expect(await axeFindings(page), name).toEqual([]);
            await page.keyboard.press('Escape');
          }
        }
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
    });
  }
}
