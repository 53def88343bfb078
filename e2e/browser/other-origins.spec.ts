import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { build } from 'esbuild';
import { AccessClient, ADMIN_TOKEN, bearer, logIn } from '../support/access-client.ts';
import { repoRoot } from '../support/in-process-server.ts';
import { test as base, expect, type TestServer } from './server-fixture.ts';

const PASSWORD = 'correct horse battery';

/** What a page of a shop is made of: the SDK of OpenTelemetry, as a bundler builds it for browsers. */
const PAGE_SCRIPT = `
  import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
  import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
  globalThis.sendByOtel = async (url, key, body) => {
    const exporter = new OTLPLogExporter({ url: url + '/v1/logs', headers: { authorization: 'Bearer ' + key } });
    const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor(exporter)] });
    provider.getLogger('page').emit({ severityText: 'INFO', body });
    await provider.forceFlush();
  };
`;

type Site = { readonly origin: string };
declare const sendByOtel: (url: string, key: string, body: string) => Promise<void>;

/** A server of somebody else, with one page. */
async function openSite(script: string) {
  const http = createServer((req, res) => {
    const isScript = req.url === '/page.js';
    res.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
    res.end(isScript ? script : '<!doctype html><title>shop</title><script src="/page.js"></script>');
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const close = (): void => {
    http.closeAllConnections();
    http.close();
  };
  return { origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, close };
}

const test = base.extend<{ allowed: Site; other: Site }, { script: string }>({
  script: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern here
    async ({}, use) => {
      const options = { bundle: true, platform: 'browser', format: 'iife', write: false } as const;
      const { outputFiles } = await build({ ...options, stdin: { contents: PAGE_SCRIPT, resolveDir: repoRoot } });
      await use(outputFiles[0]?.text ?? '');
    },
    { scope: 'worker' },
  ],
  allowed: async ({ script }, use) => {
    const site = await openSite(script);
    await use(site);
    site.close();
  },
  other: async ({ script }, use) => {
    const site = await openSite(script);
    await use(site);
    site.close();
  },
  environment: async ({ allowed }, use) =>
    use({
      TAILRACE_ACCESS: 'closed',
      TAILRACE_ADMIN_TOKEN: ADMIN_TOKEN,
      TAILRACE_ALLOWED_ORIGINS: allowed.origin,
    }),
});

async function ingestKey(server: TestServer): Promise<string> {
  return (await new AccessClient(server.url).token({ role: 'ingest', name: 'the shop' })).token;
}

/** What the page's own script learns of its request: the status, or that the browser showed it nothing. */
function fetchFrom(page: Page, url: string, init: RequestInit): Promise<number | string> {
  return page.evaluate(
    ([to, how]) =>
      fetch(to, how).then(
        ({ status }) => status,
        (error: Error) => error.message,
      ),
    [url, init] as const,
  );
}

function posting(key: string, message: string): RequestInit {
  const headers = { 'Content-Type': 'application/json', ...(key && { Authorization: `Bearer ${key}` }) };
  return { method: 'POST', headers, body: JSON.stringify({ message, service: 'shop' }) };
}

async function stored(server: TestServer): Promise<string[]> {
  const response = await fetch(`${server.url}/api/events`, {
    headers: bearer(ADMIN_TOKEN),
  });
  const { events } = (await response.json()) as { events: { message: string }[] };
  return events.map(({ message }) => message);
}

test('a page of an allowed origin sends with a key, and reads what became of it', async ({ page, server, allowed }) => {
  const key = await ingestKey(server);
  await page.goto(allowed.origin);
  expect(await fetchFrom(page, `${server.url}/api/events`, posting(key, 'by fetch'))).toBe(200);
  expect(await fetchFrom(page, `${server.url}/api/events`, posting('trl_nonsense', 'by nobody'))).toBe(401);
  expect(await stored(server)).toEqual(['by fetch']);
});

test("OpenTelemetry's exporter for browsers sends from such a page", async ({ page, server, allowed }) => {
  const key = await ingestKey(server);
  await page.goto(allowed.origin);
  await page.evaluate(([url, secret]) => sendByOtel(url, secret, 'by OpenTelemetry'), [server.url, key] as const);
  const response = await fetch(`${server.url}/api/events`, { headers: bearer(ADMIN_TOKEN) });
  expect(await response.text()).toContain('by OpenTelemetry');
});

test('a page of another origin sends nothing, even with a key', async ({ page, server, other }) => {
  const key = await ingestKey(server);
  await page.goto(other.origin);
  expect(await fetchFrom(page, `${server.url}/api/events`, posting(key, 'by another page'))).toBe('Failed to fetch');
  const simple = { ...posting('', 'by another page'), headers: { 'Content-Type': 'text/plain' } };
  expect(await fetchFrom(page, `${server.url}/api/events`, simple)).toBe('Failed to fetch');
  const refused = page.waitForEvent('console', (told) => told.text().includes('has been blocked by CORS policy'));
  await page.evaluate(([url, secret]) => void sendByOtel(url, secret, 'by another page'), [server.url, key] as const);
  await refused;
  expect(await stored(server)).toEqual([]);
});

test('no page of another origin gets in by the cookie of its reader, or reads anything', async ({
  page,
  context,
  server,
  allowed,
}) => {
  await new AccessClient(server.url).account('ada', PASSWORD, 'operator');
  const { cookie } = await logIn(server.url, { username: 'ada', password: PASSWORD });
  const [name = '', value = ''] = cookie.split('=', 2);
  // Of the same host on another port: a browser calls that the same site, and sends it.
  await context.addCookies([{ name, value, url: server.url, sameSite: 'Lax' }]);
  await page.goto(allowed.origin);
  const include = { credentials: 'include' } as const;
  expect(await fetchFrom(page, `${server.url}/api/events`, { ...posting('', 'by cookie'), ...include })).toBe(
    'Failed to fetch',
  );
  const simple = { ...posting('', 'by cookie'), headers: { 'Content-Type': 'text/plain' }, ...include };
  expect(await fetchFrom(page, `${server.url}/api/events`, simple)).toBe('Failed to fetch');
  for (const path of ['/api/events', '/api/stream', '/api/sources']) {
    expect(await fetchFrom(page, server.url + path, include), path).toBe('Failed to fetch');
  }
  expect(await stored(server)).toEqual([]);
  // To pages of the server itself the same cookie opens.
  await page.goto(`${server.url}/logs`);
  expect(await fetchFrom(page, `${server.url}/api/events`, posting('', 'by cookie'))).toBe(200);
  expect(await stored(server)).toEqual(['by cookie']);
});
