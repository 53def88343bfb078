import { bundle, ENTRIES, generateClient } from '../../scripts/build.mjs';

/** Integration tests start the real server and the real history thread: they are bundled once a run. */
export default async function buildOnce(): Promise<void> {
  generateClient();
  await bundle(ENTRIES);
}
