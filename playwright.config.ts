import { existsSync } from 'node:fs';
import { chromium, defineConfig } from '@playwright/test';

/** The browser that `npx playwright install` brought, else the machine's own. */
function findBrowser(): string | undefined {
  if (existsSync(chromium.executablePath())) return undefined;
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
}

const executablePath = findBrowser();

export default defineConfig({
  testDir: 'e2e/browser',
  testMatch: '*.spec.ts',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 1,
  retries: 0,
  use: {
    viewport: { width: 1280, height: 800 },
    trace: process.env['CI'] ? 'retain-on-failure' : 'off',
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    },
  },
});
