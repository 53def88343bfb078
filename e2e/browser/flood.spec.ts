import { setTimeout as pause } from 'node:timers/promises';
import { LogPage } from './log-page.ts';
import { numbered, numbers } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

const BATCH_LINES = 1000;
const BATCHES = 50;
const BATCH_MS = 100;

test('At ten thousand lines a second the page answers the keyboard, draws few rows and loses nothing', async ({
  page,
  server,
}) => {
  const logs = new LogPage(page);
  await logs.open();
  let rowsMost = 0;
  const flood = (async () => {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      await Promise.all([server.publish(numbered(batch * BATCH_LINES, BATCH_LINES)), pause(BATCH_MS)]);
    }
  })();
  let running = true;
  const done = flood.finally(() => {
    running = false;
  });
  while (running) {
    // Each of these needs the page to handle input and to draw.
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    rowsMost = Math.max(rowsMost, await logs.rows.count());
  }
  await done;
  await expect(logs.line(BATCHES * BATCH_LINES - 1)).toBeInViewport();
  expect(rowsMost).toBeLessThan(300);
  expect(rowsMost).toBeGreaterThan(20);
  await logs.nothingLostOrRepeated();
  const drawn = (await logs.drawn()).map(({ text }) => Number(/line (\d+)/.exec(text)?.[1]));
  expect(drawn).toEqual(numbers(BATCHES * BATCH_LINES - drawn.length, drawn.length));
});
