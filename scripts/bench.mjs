// `npm run bench`: bundles the benchmarks and runs them; `npm run bench -- --help` tells what there is.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildAll, bundle, root } from './build.mjs';

process.chdir(root);
if (!existsSync(join(root, '.next', 'BUILD_ID'))) await buildAll();
await bundle({
  'bench/run': 'e2e/bench/run.ts',
  'bench/swarm': 'e2e/bench/swarm.ts',
  'bench/publisher': 'e2e/bench/publisher.ts',
  'bench/bare-broadcaster': 'e2e/bench/bare-broadcaster.ts',
  'bench/gateway-swarm': 'e2e/bench/gateway-swarm.ts',
  'bench/bare-web-socket': 'e2e/bench/bare-web-socket.ts',
  'bench/bare-grpc': 'e2e/bench/bare-grpc.ts',
  'bench/bare-ingest': 'e2e/bench/bare-ingest.ts',
  'bench/bare-replay': 'e2e/bench/bare-replay.ts',
  'bench/tail-file-stage': 'e2e/bench/tail-file-stage.ts',
  'bench/tail-file-command': 'e2e/bench/tail-file-command.ts',
});
await import(pathToFileURL(join(root, 'dist', 'bench', 'run.mjs')).href);
