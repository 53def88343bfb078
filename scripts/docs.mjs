// `npm run docs`: writes the README's table of settings from the schema; a unit test fails when it is out of date.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, root } from './build.mjs';

const file = join(root, 'dist', 'settings-table.mjs');
await bundle({ 'settings-table': 'lib/config/settings-table.ts' });
const { settingsTable } = await import(pathToFileURL(file).href);
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const block = /(<!-- settings -->)[\s\S]*(<!-- \/settings -->)/;
writeFileSync(
  join(root, 'README.md'),
  readme.replace(block, (_all, open, close) => `${open}\n${settingsTable()}\n${close}`),
);
rmSync(file);
