import { LogPage } from './log-page.ts';
import { numbered } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test('A line that came before it was stored says so, on its row and in its details, at the same height', async ({
  page,
  server,
}) => {
  const { last } = await server.publish(numbered(0, 3));
  const [epoch = '', seq] = String(last).split('.');
  const next = `${epoch}.${Number(seq) + 1}`;
  const stream = { state: 'replay', connectionId: 'c1', epoch, head: next, from: last, heartbeatMs: 15_000 };
  const [line] = numbered(3, 1);
  const event = { ...line, time: new Date().toISOString(), position: next, prev: last, durable: false };
  let asked = 0;
  await page.route('**/api/stream*', (route) => {
    asked += 1;
    if (asked > 1) return route.abort();
    const frames = [
      `event: stream\ndata: ${JSON.stringify(stream)}\n\n`,
      `id: ${next}\nevent: log\ndata: ${JSON.stringify(event)}\n\n`,
      `id: ${next}\nevent: live\ndata: ${JSON.stringify({ head: next })}\n\n`,
    ];
    return route.fulfill({ contentType: 'text/event-stream', body: frames.join('') });
  });
  const logs = new LogPage(page);
  await page.goto('/logs');
  await expect(logs.line(3)).toContainText('not stored yet');
  await expect(logs.line(2)).not.toContainText('not stored yet');
  const heights = await logs.lines.evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
  expect(new Set(heights).size).toBe(1);
  await logs.line(3).click();
  await expect(logs.detail).toContainText('Delivered before it was stored: the history was away.');
  await logs.line(2).click();
  await expect(logs.detail).not.toContainText('Delivered before it was stored');
});
