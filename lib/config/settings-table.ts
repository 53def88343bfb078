import type { z } from 'zod';
import { SETTINGS } from './settings.ts';

const BYTES_PER_MIB = 1024 * 1024;

/** All settings as a Markdown table: what the README shows between `<!-- settings -->` and `<!-- /settings -->`. */
export function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(([name, schema]) => {
    return `| \`${name}\` | ${defaultOf(name, schema)} | ${schema.description ?? ''} |`;
  });
  return ['| Variable | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The default as one would write it into the environment. */
function defaultOf(name: string, schema: z.ZodType): string {
  const parsed = schema.safeParse(undefined);
  const value: unknown = parsed.success ? parsed.data : undefined;
  if (value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)) return '';
  if (Array.isArray(value)) return `\`${value.join(',')}\``;
  if (typeof value === 'boolean') return value ? '`1`' : '`0`';
  const size = name.endsWith('_BYTES') ? ` (${Number(value) / BYTES_PER_MIB} MiB)` : '';
  return `\`${String(value)}\`${size}`;
}
