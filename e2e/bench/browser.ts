import { existsSync } from 'node:fs';
import { type Browser, chromium } from '@playwright/test';

/** The browser that the tests use, with a heap that can be looked at. */
export function launch(): Promise<Browser> {
  const own = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
  const executablePath = existsSync(chromium.executablePath()) ? undefined : own;
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--js-flags=--expose-gc',
    '--enable-precise-memory-info',
  ];
  return chromium.launch({ ...(executablePath && { executablePath }), args });
}
