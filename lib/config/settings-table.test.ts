import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SETTINGS } from './settings.ts';
import { settingsTable } from './settings-table.ts';

test('the table has a row with default and meaning for every setting', () => {
  const rows = settingsTable().split('\n').slice(2);
  expect(rows).toHaveLength(Object.keys(SETTINGS).length);
  for (const row of rows) expect(row).toMatch(/^\| `[A-Z_]+` \| .*\| \S.*\S \|$/);
  expect(settingsTable()).toContain('| `PORT` | `3000` | ');
  expect(settingsTable()).toContain('| `TAILRACE_DEMO` | `0` | ');
  expect(settingsTable()).toContain('| `TAILRACE_SOURCES` | `host,process,log` | ');
});

test('the README shows this very table', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const shown = /<!-- settings -->\n+([\s\S]*?)\n+<!-- \/?settings -->/.exec(readme)?.[1];
  const advice = `write this between "<!-- settings -->" and "<!-- /settings -->" in README.md:\n\n${settingsTable()}\n`;
  expect(shown === settingsTable(), advice).toBe(true);
});
