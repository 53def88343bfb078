import { isOwnServer } from './own-server.ts';
import { getRuntime } from './runtime.ts';
import { onTermination } from './termination.ts';
import { firstLogin } from './welcome.ts';

/** Nothing runs between the requests of a serverless platform, so there the first request boots the runtime. */
export async function bootUnderNext(): Promise<void> {
  if (isOwnServer()) return;
  const runtime = await getRuntime();
  const { onceSecret, config } = runtime;
  if (onceSecret !== undefined) process.stdout.write(`\n${firstLogin(`http://localhost:${config.port}`, onceSecret)}`);
  onTermination(runtime.log, async () => {
    await runtime.close();
    return runtime.ledger;
  });
}
