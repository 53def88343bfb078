import { expect, test } from 'vitest';
import { AdminError, adminRequest } from './admin-request.ts';

type Answer = Response | Error;

function port(answer: Answer) {
  const calls: { url: string; init: RequestInit }[] = [];
  const fake: typeof fetch = async (input, init) => {
    calls.push({ url: String(input), init: init ?? {} });
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { calls, port: { fetch: fake } };
}

test('a request carries its body as JSON', async () => {
  const { calls, port: given } = port(Response.json({ done: 1 }));
  expect(await adminRequest('POST', '/api/x', { kick: true }, undefined, given)).toEqual({ done: 1 });
  expect(calls[0]).toMatchObject({ url: '/api/x', init: { method: 'POST', body: '{"kick":true}' } });
  expect(calls[0]?.init.headers).toMatchObject({ 'Content-Type': 'application/json' });
});

test('an answer without a body is undefined', async () => {
  const { calls, port: given } = port(new Response(null, { status: 204 }));
  expect(await adminRequest('POST', '/api/x', undefined, undefined, given)).toBeUndefined();
  expect(Object.keys(calls[0]?.init.headers ?? {})).toEqual(['Accept']);
});

test("a refusal is thrown with the server's sentence, and says whether a token could help", async () => {
  const detail = 'Set TAILRACE_ADMIN_TOKEN, or ask from this machine.';
  const refused = adminRequest('POST', '/api/x', {}, undefined, port(Response.json({ detail }, { status: 403 })).port);
  await expect(refused).rejects.toMatchObject({ message: detail, status: 403, needsToken: true });
  const failed = adminRequest('POST', '/api/x', {}, undefined, port(new Response('oops', { status: 500 })).port);
  await expect(failed).rejects.toMatchObject({ message: /answered 500/, needsToken: false });
});

test('a server that cannot be reached is a sentence too, an abort stays an abort', async () => {
  const away = port(new TypeError('Failed to fetch')).port;
  await expect(adminRequest('GET', '/api/x', undefined, undefined, away)).rejects.toBeInstanceOf(AdminError);
  const reason = new DOMException('gone', 'AbortError');
  const aborted = adminRequest('GET', '/api/x', undefined, AbortSignal.abort(reason), port(reason).port);
  await expect(aborted).rejects.toBe(reason);
});
