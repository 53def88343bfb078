import { describe, expect, test } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { answerSender, preflight } from './cross-origin.ts';

const SHOP = 'https://shop.example';
const context = (...allowedOrigins: string[]) => ({ config: { access: { allowedOrigins } }, onError: () => undefined });
const asked = (method: string, origin?: string): Request =>
  new Request('http://logs.example/v1/logs', { method, headers: { ...(origin && { origin }) } });
const corsOf = ({ headers }: Response) => [...headers].filter(([name]) => name.startsWith('access-control-'));

describe('before it sends', () => {
  test('a page of an origin in the settings is told that it may post, with what, and for how long that holds', () => {
    const { status, headers, body } = preflight(context('https://a.example', SHOP), asked('OPTIONS', SHOP));
    expect([status, body, headers.get('vary')]).toEqual([204, null, 'Origin']);
    expect(headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(headers.get('access-control-allow-methods')).toBe('POST');
    expect(headers.get('access-control-max-age')).toBe('7200');
    expect(headers.get('access-control-allow-headers')?.split(', ')).toEqual(
      expect.arrayContaining(['Authorization', 'Content-Type', 'Content-Encoding', 'Idempotency-Key']),
    );
  });

  test('no page may send what only a proxy may, nor by the cookie of its reader', () => {
    const { headers } = preflight(context(SHOP), asked('OPTIONS', SHOP));
    expect(headers.get('access-control-allow-headers')).not.toMatch(/forwarded|cookie|\*/i);
    expect(headers.has('access-control-allow-credentials')).toBe(false);
  });

  test.each([
    ['without any origin in the settings', [], SHOP],
    ['of another origin', [SHOP], 'https://evil.example'],
    ['of an origin that has none', [SHOP], 'null'],
  ])('a page %s is told why not', async (_title, allowed, origin) => {
    const response = preflight(context(...allowed), asked('OPTIONS', origin));
    expect([response.status, corsOf(response), response.headers.get('vary')]).toEqual([403, [], 'Origin']);
    expect((await response.json()).detail).toContain('TAILRACE_ALLOWED_ORIGINS');
  });

  test('whoever is no page is told what can be done here', () => {
    const response = preflight(context(SHOP), asked('OPTIONS'));
    expect([response.status, response.headers.get('allow'), corsOf(response)]).toEqual([204, 'POST, OPTIONS', []]);
  });
});

describe('once it has sent', () => {
  const answered = async (allowed: string[], request: Request, handle = async () => Response.json({})) => {
    const response = await answerSender(context(...allowed), request, handle);
    return { status: response.status, vary: response.headers.get('vary'), cors: corsOf(response) };
  };
  const told = [
    ['access-control-allow-origin', SHOP],
    ['access-control-expose-headers', 'Retry-After'],
  ];

  test('the page can read the answer, and when to come again', async () => {
    expect(await answered([SHOP], asked('POST', SHOP))).toEqual({ status: 200, vary: 'Origin', cors: told });
  });

  test('also why nothing was taken', async () => {
    const refuse = (): Promise<Response> => Promise.reject(new AppError('unauthorized', 'who are you?'));
    expect(await answered([SHOP], asked('POST', SHOP), refuse)).toMatchObject({ status: 401, cors: told });
  });

  test('another page cannot, and what others read from the same address is not for pages', async () => {
    expect(await answered([SHOP], asked('POST', 'https://evil.example'))).toMatchObject({ vary: 'Origin', cors: [] });
    expect(await answered([SHOP], asked('GET', SHOP))).toMatchObject({ vary: null, cors: [] });
    expect(await answered([], asked('POST', SHOP))).toMatchObject({ vary: null, cors: [] });
  });
});
