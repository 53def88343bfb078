import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { shorten } from '../shorten.ts';
import { understandNothing } from '../understand.ts';
import { syslogEvent } from './syslog-event.ts';

const NOW = Date.UTC(2026, 10, 29, 12);
const context = { nowMs: NOW, understand: understandNothing };
const read = (text: string | Buffer) => syslogEvent(Buffer.from(text), Buffer.from(text).length, context);

test('a message becomes an event: program to service, severity to level, the rest to attributes', () => {
  const line = '<165>1 2026-10-11T22:14:15.003Z web1 api 8710 ID47 [origin ip="1" ip="2" ip="3"] hello\r\n';
  expect(read(line)).toEqual({
    isCut: false,
    event: {
      kind: 'log',
      time: '2026-10-11T22:14:15.003Z',
      level: 'info',
      service: 'api',
      message: 'hello',
      attributes: {
        host: 'web1',
        pid: 8710,
        msgId: 'ID47',
        facility: 'local4',
        severity: 'notice',
        'origin.ip': ['1', '2', '3'],
      },
    },
  });
});

test('a line of text is an event of its own, and line ends alone are none', () => {
  expect(read('no header at all\n')?.event).toEqual({ kind: 'log', message: 'no header at all', service: 'syslog' });
  expect(read('\r\n\0')).toBeUndefined();
});

test('Latin-1 is read as that, and a message cut in a character is told as cut', () => {
  expect(read(Buffer.from('<13>Gr\xfc\xdfe', 'latin1'))?.event.message).toBe('Grüße');
  expect(read(Buffer.from('<13>price: €').subarray(0, -1))).toMatchObject({
    isCut: true,
    event: { message: 'price: ' },
  });
});

test('of a longer message its whole length is told', () => {
  const event = syslogEvent(Buffer.from('<13>begin'), 1000, context);
  expect(event).toMatchObject({ isCut: true, event: { attributes: { truncatedFromBytes: 1000 } } });
});

test('what looks into the text has the last word on level, time and service; the envelope stays', () => {
  const understand = (text: string) => ({
    ...(JSON.parse(text) as { message: string; level: string; service: string }),
    timeMs: 0,
    attributes: { user: 'u' },
    traceId: 't',
  });
  const line = '<30>1 2026-10-11T22:14:15Z h docker 1 - - {"message":"inner","level":"error","service":"api"}';
  expect(syslogEvent(Buffer.from(line), line.length, { nowMs: NOW, understand })?.event).toEqual({
    kind: 'log',
    time: '1970-01-01T00:00:00.000Z',
    level: 'error',
    service: 'api',
    message: 'inner',
    traceId: 't',
    attributes: { host: 'h', pid: 1, facility: 'daemon', severity: 'info', user: 'u' },
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    '<13>',
    '<34>1 ',
    '2026-10-11T22:14:15Z ',
    'Oct 11 22:14:15 ',
    '- ',
    '[a b="',
    '"]',
    '\\',
    'x[1]: ',
    ': ',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

test('whatever comes is an event that passes the edge, and no word of it is missing', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
      const event = read(parts.join(''))?.event;
      if (event) expect(prepareEvent(event, NOW)).toMatchObject({ ok: true });
    }),
    { seed: 6, numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const event = read(Buffer.from(bytes))?.event;
      if (event) expect(prepareEvent(event, NOW)).toMatchObject({ ok: true });
      else expect(bytes.every((byte) => byte === 0 || byte === 10 || byte === 13)).toBe(true);
    }),
    { seed: 7, numRuns: 3000 },
  );
});

test('a header of a thousand parameters, each of them long, does not lose the text', () => {
  const params = Array.from({ length: 1000 }, (_, index) => ` p${index}="${'v'.repeat(100)}"`).join('');
  const event = read(`<13>1 - h a - - [id${params}] the text`)?.event;
  expect(event).toMatchObject({ message: 'the text', attributes: { 'id.p0': 'v'.repeat(100) } });
  const shorter = shorten(event);
  expect(shorter).toMatchObject({ message: 'the text', attributes: { droppedAttributes: expect.any(Number) } });
  expect(prepareEvent(shorter, NOW)).toMatchObject({ ok: true });
});

test('a text of a quarter of a megabyte in quotes is read without trouble', () => {
  const value = 'a\\"b'.repeat(60_000);
  expect(read(`<13>1 - h a - - [id p="${value}"] t`)?.event.message).toBe('t');
  expect(read(`<13>1 - h a - - [id p="${value}`)?.event.message.length).toBe(value.length + 7);
});
