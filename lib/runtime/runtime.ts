import { type Config, readConfig } from '@/lib/config/config.ts';
import { createRuntime, type Runtime } from './create-runtime.ts';

export type { Runtime } from './create-runtime.ts';

const KEY = Symbol.for('tailrace.runtime');

type Holder = { [KEY]?: Promise<Runtime> };

/**
 * The one runtime of this process. Next gives `instrumentation.ts`, pages and route handlers a copy of every module
 * each, and `server.ts` is bundled apart: only `globalThis` is common to them.
 */
export function getRuntime(config?: Config): Promise<Runtime> {
  const holder = globalThis as Holder;
  holder[KEY] ??= createRuntime(config ?? readConfig()).catch((error: unknown) => {
    // The next caller tries again: a database that was locked or a disk that was full may be well by then.
    delete holder[KEY];
    throw error;
  });
  return holder[KEY];
}
