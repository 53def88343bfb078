import type { Scheduler } from '../scheduler.ts';
import type { StreamReader } from '../stream-reader.ts';
import type { Inbox } from './inbox.ts';

const TICK_MS = 1_000;

/** The same reader; while nobody reads, because the inbox is full, it counts as alive: its line is not the one that is silent. */
export function patient(
  reader: StreamReader,
  inbox: Pick<Inbox<unknown>, 'isFull' | 'watch'>,
  scheduler: Scheduler,
): StreamReader {
  return {
    name: reader.name,
    async read(request) {
      let cancel = (): void => undefined;
      const tick = (): void => {
        cancel();
        if (!inbox.isFull) return;
        request.onBytes(0);
        cancel = scheduler.after(TICK_MS, tick);
      };
      const unwatch = inbox.watch((isFull) => {
        request.onBytes(0);
        if (isFull) tick();
        else cancel();
      });
      tick();
      const leave = (): void => {
        cancel();
        unwatch();
      };
      request.signal.addEventListener('abort', leave, { once: true });
      try {
        return await reader.read(request);
      } finally {
        request.signal.removeEventListener('abort', leave);
        leave();
      }
    },
  };
}
