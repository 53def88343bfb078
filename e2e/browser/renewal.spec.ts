import { LogPage } from './log-page.ts';
import { numbers, SteadyPublisher } from './numbered-lines.ts';
import { expect, test } from './server-fixture.ts';

test.use({ environment: { TAILRACE_AGE_MS: '3000' } });

test('A stream that is renewed again and again never alarms, and loses nothing', async ({ page, server }) => {
  const logs = new LogPage(page);
  await logs.open();
  const alarms = page.getByRole('button', { name: 'Retry now' });
  let seen = 0;
  await page.exposeFunction('tellAlarm', () => {
    seen += 1;
  });
  await page.evaluate(() => {
    const look = () => {
      const isShown = [...document.querySelectorAll('button')].some(({ textContent }) => textContent === 'Retry now');
      if (isShown) (Reflect.get(window, 'tellAlarm') as () => void)();
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const publisher = new SteadyPublisher(server.url);
  await server.untilMetric('tailrace_streams_opened_total', (opened) => opened >= 4);
  const sent = await publisher.stop();
  await expect(logs.line(sent - 1)).toBeVisible();
  await logs.nothingLostOrRepeated();
  expect(await logs.readNumbers()).toEqual(numbers(0, sent));
  await expect(alarms).toHaveCount(0);
  expect(seen).toBe(0);
  await logs.openOwnConnection();
  await expect(page.getByRole('region', { name: 'Reconnects', exact: true })).toContainText(
    'the stream has reached its greatest age · routine',
  );
});
