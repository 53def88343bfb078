// `npm run verify`: format, lint (with import directions, circles and sizes), types and unit tests, in seconds.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generateClient, root } from './build.mjs';
import { runStep } from './run-step.mjs';

if (!existsSync(join(root, 'prisma', 'generated'))) generateClient();

const steps = [
  ['format, lint, import directions, circles, sizes', 'biome', ['ci', '--error-on-warnings', '.']],
  ['types', 'tsc', ['--noEmit']],
  ['unit tests', 'vitest', ['run', '--project', 'unit', '--reporter=dot']],
];
for (const [title, bin, args] of steps) if (!runStep(title, bin, args)) process.exit(1);
