import { launch } from './browser.ts';
import { median, startChild } from './child.ts';
import { fill } from './replay.ts';
import { startServer } from './server-under-test.ts';

export type PaintResult = { readonly firstPaintMs: number; readonly firstRowMs: number; readonly events: number };

/** A fresh browser opens the logs of a large history. */
export async function firstPaint(events: number, rounds: number): Promise<PaintResult> {
  const server = await startServer({ TAILRACE_RETENTION_BYTES: String(2 ** 40) });
  const browser = await launch();
  try {
    await fill(server, events);
    const [paints, rows]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round += 1) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const startedAt = performance.now();
      await page.goto(`${server.url}/logs`, { waitUntil: 'commit' });
      await page.getByText('/api/cart/').first().waitFor();
      const row = performance.now() - startedAt;
      const paint = await page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      );
      // The first visit also makes the server load the page's code.
      if (round > 0) {
        rows.push(row);
        paints.push(paint);
      }
      await context.close();
    }
    return { firstPaintMs: median(paints), firstRowMs: median(rows), events };
  } finally {
    await browser.close();
    await server.stop();
  }
}

export type FloodResult = {
  readonly linesPerSecond: number;
  readonly longestTaskMs: number;
  readonly tasksOver100Ms: number;
  readonly heapStartMb: number;
  readonly heapEndMb: number;
  readonly verdict: string;
};

type Probe = { longest: number; over: number };

/** Lines offered at a rate to an open logs page: long tasks after a warm-up, and the heap after a collection. */
export async function flood(ratePerSecond: number, seconds: number): Promise<FloodResult> {
  const server = await startServer();
  const browser = await launch();
  const publisher = startChild('dist/bench/publisher.mjs', [String(server.port), String(ratePerSecond)]);
  try {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${server.url}/logs`);
    await page.getByText('/api/cart/').first().waitFor();
    await page.waitForTimeout(10_000);
    await page.evaluate(() => {
      const probe: Probe = { longest: 0, over: 0 };
      Object.assign(globalThis, { probe });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) {
          probe.longest = Math.max(probe.longest, duration);
          if (duration > 100) probe.over += 1;
        }
      }).observe({ entryTypes: ['longtask'] });
    });
    const heapMb = (): Promise<number> =>
      page.evaluate(() => {
        (globalThis as unknown as { gc(): void }).gc();
        return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize / 1e6;
      });
    const received = async (): Promise<number> =>
      Number(
        (await (await fetch(`${server.url}/metrics`)).text()).match(/^tailrace_delivered_events_total (\d+)/m)?.[1],
      );
    const heapStartMb = await heapMb();
    await page.evaluate(() =>
      Object.assign((globalThis as unknown as { probe: Probe }).probe, { longest: 0, over: 0 }),
    );
    const [before, startedAt] = [await received(), performance.now()];
    await page.waitForTimeout(seconds * 1000);
    const linesPerSecond = ((await received()) - before) / ((performance.now() - startedAt) / 1000);
    const probe = await page.evaluate(() => (globalThis as unknown as { probe: Probe }).probe);
    const heapEndMb = await heapMb();
    const verdict = (await page.getByTestId('connection-badge').textContent()) ?? 'no verdict';
    return {
      linesPerSecond,
      longestTaskMs: probe.longest,
      tasksOver100Ms: probe.over,
      heapStartMb,
      heapEndMb,
      verdict,
    };
  } finally {
    await publisher.stop();
    await browser.close();
    await server.stop();
  }
}
