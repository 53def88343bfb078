import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from './sqlite-lock.ts';

describe('the lock of a database', () => {
  let directory: string;
  let url: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tailrace-lock-'));
    url = `file:${join(directory, 'tailrace.db')}`;
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is refused, with a sentence that says what to do, while somebody holds it', async () => {
    const release = await acquireLock(url);
    await expect(acquireLock(url)).rejects.toThrow(/another Tailrace uses .*tailrace\.db; stop it, or give this one/);
    await release();
  });

  it('can be taken again after it was released', async () => {
    await (await acquireLock(url))();
    const release = await acquireLock(url);
    await release();
  });
});
