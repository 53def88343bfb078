import { expect, test } from 'vitest';
import { parseConfig } from '@/lib/config/config.ts';
import { isAppError } from '@/lib/core/errors.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { Diagnostics } from '../monitor/diagnostics.ts';
import { postCpuProfile, postHeapSnapshot } from './diagnostics-endpoint.ts';

const admin: Principal = { id: 'token:x', name: 'someone', kind: 'token', role: 'admin' };
const ON = { TAILRACE_DIAGNOSTICS: '1' };

function server(environment: Record<string, string>) {
  const access = { addressOf: () => '192.0.2.1', keeper: { note: () => undefined } };
  return { config: parseConfig(environment, '/'), monitor: { diagnostics: new Diagnostics() }, access };
}
function ask(query = ''): Request {
  return new Request(`http://localhost/api/diagnostics/cpu-profile${query}`, { method: 'POST' });
}
async function codeOf(answer: Promise<Response>): Promise<string> {
  return answer.then(
    () => 'none',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  );
}

test('diagnostics that are off are not found, whoever asks, and the answer says how to enable them', async () => {
  const off = server({});
  expect(await codeOf(postHeapSnapshot(off, ask(), admin))).toBe('not-found');
  await expect(postCpuProfile(off, ask(), admin)).rejects.toThrow('TAILRACE_DIAGNOSTICS=1');
});

test('a profile lasts from one to sixty seconds', async () => {
  for (const seconds of ['0', '61', '1.5', 'x', '']) {
    expect(await codeOf(postCpuProfile(server(ON), ask(`?seconds=${seconds}`), admin)), seconds).toBe('bad-request');
  }
});

test('a profile is a download with a name of its own', async () => {
  const response = await postCpuProfile(server(ON), ask('?seconds=1'), admin);
  expect(response.headers.get('content-disposition')).toMatch(/filename="tailrace-\d+-[\dTZ-]+\.cpuprofile"/);
  expect(await response.json()).toHaveProperty('nodes');
});
