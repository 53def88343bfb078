import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import { payloadsOf, webSocketCloseCode, webSocketFormat } from './web-socket-format.ts';

/** Reads one unmasked text message, by the letter of RFC 6455 §5.2. */
function read(bytes: Uint8Array): { text: string; rest: number } {
  const view = Buffer.from(bytes);
  expect(view[0]).toBe(0x81);
  const short = view[1] ?? 0;
  expect(short & 0x80).toBe(0);
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = start === 2 ? short : start === 4 ? view.readUInt16BE(2) : Number(view.readBigUInt64BE(2));
  // The shortest form is the only one allowed.
  if (start === 4) expect(length).toBeGreaterThan(125);
  if (start === 10) expect(length).toBeGreaterThan(65_535);
  return { text: view.toString('utf8', start, start + length), rest: view.length - start - length };
}

test('a message of any length is one whole text frame', () => {
  const lengths = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 65_300, max: 65_800 }));
  fc.assert(
    fc.property(lengths, fc.constantFrom('x', 'é', '🚰'), (length, letter) => {
      const reason = letter.repeat(length);
      const { text, rest } = read(webSocketFormat.control('busy', { reason, retryMs: 1 }));
      expect(rest).toBe(0);
      expect(JSON.parse(text)).toEqual([{ event: 'busy', data: { reason, retryMs: 1 } }]);
    }),
    { numRuns: 60 },
  );
});

test('events come in messages that a line which breaks often can still deliver, each of them whole', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12_000 }), { minLength: 1, maxLength: 40 }), (lengths) => {
      const events = lengths.map((length, index) => {
        return { seq: index + 1, kind: 'log', body: JSON.stringify({ kind: 'log', message: 'é'.repeat(length) }) };
      });
      const bytes = webSocketFormat.events('AAAAAAAA', 0, events);
      const texts: string[] = [];
      for (let at = 0; at < bytes.length; ) {
        const { text, rest } = read(bytes.subarray(at));
        texts.push(text);
        at = bytes.length - rest;
      }
      expect([...payloadsOf(bytes)].map((payload) => Buffer.from(payload).toString('utf8'))).toEqual(texts);
      const messages = texts.map((text) => JSON.parse(text) as { data: { position: string; message: string } }[]);
      expect(messages.flat().map(({ data }) => data.message.length)).toEqual(lengths);
      expect(messages.flat().map(({ data }) => data.position)).toEqual(events.map(({ seq }) => `AAAAAAAA.${seq}`));
      for (const [index, message] of messages.entries()) {
        if (message.length > 1) expect(texts[index]?.length).toBeLessThan(8 * 1024 + 2 * message.length);
      }
    }),
    { numRuns: 40 },
  );
});

test('what says nothing is no message', () => {
  expect(webSocketFormat.retry(1000)).toHaveLength(0);
});

test('every reason has a code that an application may send, and it tells whether to come back', () => {
  for (const [reason, { code, reconnect, side }] of Object.entries(CLOSE_REASONS)) {
    const sent = webSocketCloseCode(reason as CloseReason);
    if (side === 'client') expect(sent, reason).toBe(1000);
    else if (reconnect) expect(sent, reason).toBe(code + 2000);
    else expect(sent, reason).toBe(code);
    if (side === 'server') expect(Math.floor(sent / 1000), reason).toBe(reconnect ? 4 : 3);
    // A close frame takes 123 bytes of text.
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  }
  expect(webSocketCloseCode(undefined)).toBe(1000);
});
