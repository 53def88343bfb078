import { getRuntime } from './runtime.ts';
import { onTermination } from './termination.ts';

const OWN_SERVER = Symbol.for('tailrace.own-server');

/** `server.ts` marks its process before it starts Next, so that the runtime is not booted and drained twice. */
export function markOwnServer(): void {
  (globalThis as { [OWN_SERVER]?: true })[OWN_SERVER] = true;
}

/** Nothing runs between the requests of a serverless platform, so there the first request boots the runtime. */
export async function bootUnderNext(): Promise<void> {
  if ((globalThis as { [OWN_SERVER]?: true })[OWN_SERVER]) return;
  const runtime = await getRuntime();
  onTermination(runtime.log, () => runtime.close());
}
