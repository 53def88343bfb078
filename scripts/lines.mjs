// `npm run lines -- <directory>`: how many lines of real logs are read as a person has read them.
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, root } from './build.mjs';

// Paths that a person gives are meant from where they are.
if (process.argv[2]) process.argv[2] = resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2]);
process.chdir(root);
await bundle({ 'bench/line-score': 'e2e/bench/line-score.ts' });
await import(pathToFileURL(join(root, 'dist', 'bench', 'line-score.mjs')).href);
