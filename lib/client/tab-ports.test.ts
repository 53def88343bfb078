import { expect, test } from 'vitest';
import { browserLocks } from './tab-ports.ts';
import { settle } from './testing/fake-scheduler.ts';

type Manager = Parameters<typeof browserLocks>[0];

/** The browser's lock manager, as far as one waiting request goes. */
function manager(run: (options: LockOptions, grant: () => Promise<unknown>) => Promise<unknown>): Manager {
  const request = (_: string, options: LockOptions, grant: () => Promise<unknown>) => run(options, grant);
  return { request: request as Manager['request'], query: async () => ({ held: [{ name: 'a' }, {}], pending: [] }) };
}

function hold(locks: Manager) {
  const heard: string[] = [];
  const release = browserLocks(locks).hold('a', {
    onHeld: () => heard.push('held'),
    onLost: () => heard.push('lost'),
    onRefused: () => heard.push('refused'),
  });
  return { heard, release };
}

test('a lock is held until it is released, and then the request ends', async () => {
  let ended = false;
  const { heard, release } = hold(
    manager(async (_, grant) => {
      await grant();
      ended = true;
    }),
  );
  await settle();
  expect({ heard, ended }).toEqual({ heard: ['held'], ended: false });
  release();
  await settle();
  expect(ended).toBe(true);
});

test('releasing a lock that is still waited for ends the waiting without a word', async () => {
  let reason: unknown;
  const { heard, release } = hold(
    manager(({ signal }) => {
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      });
    }),
  );
  release();
  await settle();
  expect(heard).toEqual([]);
  expect(reason).toBeInstanceOf(DOMException);
});

test('a stolen lock is lost, and a browser without locks refuses', async () => {
  const stolen = hold(manager(() => Promise.reject(new DOMException('stolen', 'AbortError'))));
  const denied = hold(manager(() => Promise.reject(new DOMException('denied', 'SecurityError'))));
  await settle();
  expect(stolen.heard).toEqual(['lost']);
  expect(denied.heard).toEqual(['refused']);
});

test('only named locks are listed', async () => {
  expect(await browserLocks(manager(() => Promise.resolve())).held()).toEqual(new Set(['a']));
});
