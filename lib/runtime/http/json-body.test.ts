import { expect, test, vi } from 'vitest';
import { jsonBody } from './json-body.ts';

function posted(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
}

test('a body of JSON is read, and none is an empty object', async () => {
  expect(await jsonBody(posted('{"a":[1]}'))).toEqual({ a: [1] });
  expect(await jsonBody(posted(null))).toEqual({});
  await expect(jsonBody(posted('{"a":'))).rejects.toMatchObject({ code: 'bad-request' });
});

test('a body that does not say how long it is, is read no further than it may be long', async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled += 1;
        if (pulled > 1000) throw new Error('it is read to its end');
        controller.enqueue(new Uint8Array(1024).fill(0x20));
      },
    },
    { highWaterMark: 0 },
  );
  await expect(jsonBody(posted(endless), 4096)).rejects.toMatchObject({ code: 'body-too-large' });
  expect(pulled).toBeLessThan(100);
  await expect(jsonBody(posted('{}', { 'content-length': '5000' }), 4096)).rejects.toMatchObject({
    code: 'body-too-large',
  });
});

test('a body that does not come is not waited for', async () => {
  const cancelled = vi.fn();
  const stuck = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"user')),
    cancel: cancelled,
  });
  await expect(jsonBody(posted(stuck), 4096, 20)).rejects.toMatchObject({ code: 'storage-overloaded', retryAfterS: 1 });
  expect(cancelled).toHaveBeenCalled();
});
