// `npm run load`: bundles the load test and runs it; `npm run load -- --help` tells what there is.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildAll, bundle, root } from './build.mjs';

const args = process.argv.slice(2);
const hasServer = args.some((arg) => /^--(url|help)\b/.test(arg));
// Paths that a person gives are meant from where they are.
const from = process.env.INIT_CWD ?? process.cwd();
process.argv = process.argv.map((arg, index, all) => {
  const inline = /^(--(?:report|json)=)(.+)$/.exec(arg);
  if (inline) return inline[1] + resolve(from, inline[2]);
  return /^--(report|json)$/.test(all[index - 1]) ? resolve(from, arg) : arg;
});
process.chdir(root);
if (!hasServer && !existsSync(join(root, '.next', 'BUILD_ID'))) await buildAll();
await bundle({ 'load/run': 'e2e/load/run.ts', 'load/worker': 'e2e/load/worker.ts' });
await import(pathToFileURL(join(root, 'dist', 'load', 'run.mjs')).href);
