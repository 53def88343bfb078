import type { Page } from '@playwright/test';
import { launch } from './browser.ts';
import { median, startChild } from './child.ts';
import { startServer } from './server-under-test.ts';

const ORDER = ['WebSocket', 'HTTP stream', 'Long poll', 'SSE'] as const;

export type SwitchResult = {
  /** Of the middle switch and of the slowest. */
  readonly medianMs: number;
  readonly slowestMs: number;
  readonly switches: number;
  readonly verdict: string;
};

/** A page that takes so many events a second changes its transport again and again; each time until it is live by the new one. */
export async function switching(ratePerSecond: number, rounds: number): Promise<SwitchResult> {
  const server = await startServer();
  const browser = await launch();
  const publisher = startChild('dist/bench/publisher.mjs', [String(server.port), String(ratePerSecond)]);
  try {
    const page = await (await browser.newContext()).newPage();
    // What the page follows is the log; its connection is looked at from another tab, as a person would.
    await page.goto(`${server.url}/logs`);
    await page.getByText('/api/cart/').first().waitFor();
    const control = await page.context().newPage();
    await control.goto(`${server.url}/connection`);
    await control.getByTestId('transport').getByText('SSE').waitFor();
    await control.waitForTimeout(2000);
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ORDER) {
        took.push(await switchTo(control, name));
        await control.waitForTimeout(1000);
      }
    }
    const verdict = (await control.getByTestId('verdict').textContent()) ?? 'no verdict';
    return { medianMs: median(took), slowestMs: Math.max(...took), switches: took.length, verdict };
  } finally {
    await publisher.stop();
    await browser.close();
    await server.stop();
  }
}

/** Timed inside the page, from the click to the frame in which it says that it is live by that transport. */
function switchTo(page: Page, name: string): Promise<number> {
  return page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const labels = [...document.querySelectorAll('fieldset label')];
        const radio = labels.find((label) => label.textContent?.trim() === wanted)?.querySelector('input');
        const startedAt = performance.now();
        radio?.click();
        const look = (): void => {
          const used = document.querySelector('[data-testid=transport] strong')?.textContent;
          const phase = document.querySelector('[data-testid=connection-badge]')?.getAttribute('data-phase');
          if (used === wanted && phase === 'live') resolve(performance.now() - startedAt);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    name,
  );
}
