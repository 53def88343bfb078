import { expect, test } from 'vitest';
import { parseConfig } from '@/lib/config/config.ts';
import { isAppError } from '@/lib/core/errors.ts';
import { Diagnostics } from '../monitor/diagnostics.ts';
import { postCpuProfile, postHeapSnapshot } from './diagnostics-endpoint.ts';

const TOKEN = { authorization: 'Bearer open-sesame' };
const ON = { TAILRACE_DIAGNOSTICS: '1', TAILRACE_ADMIN_TOKEN: 'open-sesame' };

function server(environment: Record<string, string>) {
  return { config: parseConfig(environment, '/'), monitor: { diagnostics: new Diagnostics() } };
}
function ask(query = '', headers: Record<string, string> = TOKEN): Request {
  return new Request(`http://localhost/api/diagnostics/cpu-profile${query}`, { method: 'POST', headers });
}
async function codeOf(answer: Promise<Response>): Promise<string> {
  return answer.then(
    () => 'none',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  );
}

test('diagnostics that are off are not found, whoever asks, and the answer says how to enable them', async () => {
  const off = server({ TAILRACE_ADMIN_TOKEN: 'open-sesame' });
  expect(await codeOf(postHeapSnapshot(off, ask()))).toBe('not-found');
  await expect(postCpuProfile(off, ask())).rejects.toThrow('TAILRACE_DIAGNOSTICS=1');
});

test('only an operator may take them', async () => {
  for (const headers of [{}, { authorization: 'Bearer other' }] as Record<string, string>[]) {
    expect(await codeOf(postHeapSnapshot(server(ON), ask('', headers)))).toBe('forbidden');
    expect(await codeOf(postCpuProfile(server(ON), ask('?seconds=1', headers)))).toBe('forbidden');
  }
});

test('a profile lasts from one to sixty seconds', async () => {
  for (const seconds of ['0', '61', '1.5', 'x', '']) {
    expect(await codeOf(postCpuProfile(server(ON), ask(`?seconds=${seconds}`))), seconds).toBe('bad-request');
  }
});

test('a profile is a download with a name of its own', async () => {
  const response = await postCpuProfile(server(ON), ask('?seconds=1'));
  expect(response.headers.get('content-disposition')).toMatch(/filename="tailrace-\d+-[\dTZ-]+\.cpuprofile"/);
  expect(await response.json()).toHaveProperty('nodes');
});
