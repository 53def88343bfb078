import { expect, test } from 'vitest';
import type { AuditRecord } from '@/lib/core/access-record.ts';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { chaosReportSchema } from '@/lib/wire/chaos.ts';
import { Chaos } from '../chaos/chaos.ts';
import { type ChaosContext, deleteChaos, getChaos, postChaos } from './chaos-endpoint.ts';
import { answer } from './problem.ts';

const operator: Principal = { id: 'token:x', name: 'someone', kind: 'token', role: 'operator' };
const noted: AuditRecord[] = [];
const access = { addressOf: () => '192.0.2.1', keeper: { note: (entry: AuditRecord) => void noted.push(entry) } };

function makeChaos(): Chaos {
  const still = { apply: () => undefined, kill: () => undefined };
  const owner = new ResourceLedger(Date.now).owner('chaos');
  const log = { warn: () => undefined };
  return new Chaos({ cut: () => 3, stall: () => undefined, lines: still, history: still, log, now: Date.now, owner });
}

function request(method: string, body?: string, headers: Record<string, string> = {}): Request {
  const given = { 'content-type': 'application/json', host: 'localhost', ...headers };
  return new Request('http://localhost/api/chaos', { method, headers: given, ...(body !== undefined && { body }) });
}

async function ask(context: ChaosContext, asked: Request): Promise<{ status: number; body: Record<string, unknown> }> {
  const handle = async (): Promise<Response> => {
    if (asked.method === 'GET') return getChaos(context);
    return asked.method === 'POST' ? postChaos(context, asked, operator) : deleteChaos(context, asked, operator);
  };
  const response = await answer(handle, (error) => {
    throw error;
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test.each(['GET', 'POST', 'DELETE'])('%s says how to allow it where it is off', async (method) => {
  const body = method === 'POST' ? '{"fault":"cut"}' : undefined;
  const off = await ask({ access, chaos: undefined }, request(method, body));
  expect(off).toMatchObject({ status: 404, body: { code: 'not-found' } });
  expect(off.body['detail']).toContain('TAILRACE_CHAOS=1');
});

test('a fault begins, is reported, and ends', async () => {
  const context = { access, chaos: makeChaos() };
  const posted = await ask(context, request('POST', '{"fault":"delay","seconds":5}'));
  expect(posted.status).toBe(200);
  expect(chaosReportSchema.parse(posted.body)).toMatchObject({
    injected: 1,
    active: [{ fault: { fault: 'delay', share: 1, seconds: 5, delayMs: 1000 } }],
  });
  expect((await ask(context, request('GET'))).body).toEqual(posted.body);
  expect((await ask(context, request('POST', '{"fault":"cut"}'))).body['done']).toBe('cut 3 connections');
  expect((await ask(context, request('DELETE'))).body).toEqual({ active: [], injected: 2 });
});

test('who has broken or healed what is noted, who looks is not', async () => {
  const chaos = makeChaos();
  noted.length = 0;
  await ask({ access, chaos }, request('POST', '{"fault":"duplicate","seconds":5}'));
  await ask({ access, chaos }, request('DELETE'));
  await ask({ access, chaos }, request('GET'));
  expect(noted).toMatchObject([
    { who: 'someone', address: '192.0.2.1', act: 'fault begun', target: 'sending events twice to all connections' },
    { who: 'someone', address: '192.0.2.1', act: 'faults ended' },
  ]);
});

test.each([
  ['{"fault":"flood"}', 400, 'flood'],
  ['{"fault":"delay","delayMs":0}', 400, 'delayMs'],
  ['{"fault":"history"}', 400, 'mode'],
  ['{"fault"', 400, 'JSON'],
  ['', 400, 'discriminator'],
  [`"${'x'.repeat(5000)}"`, 413, '4096'],
])('%.20s is refused with what is wrong', async (body, status, word) => {
  const chaos = makeChaos();
  const refused = await ask({ access, chaos }, request('POST', body));
  expect(refused.status).toBe(status);
  if (word !== 'flood') expect(refused.body['detail']).toContain(word);
  expect(chaos.report().injected).toBe(0);
});

test('another type than JSON is refused, which pages of other sites cannot send', async () => {
  const context = { access, chaos: makeChaos() };
  expect((await ask(context, request('POST', '{"fault":"cut"}', { 'content-type': 'text/plain' }))).status).toBe(415);
  const utf8 = { 'content-type': 'application/json; charset=utf-8' };
  expect((await ask(context, request('POST', '{"fault":"cut"}', utf8))).status).toBe(200);
});
