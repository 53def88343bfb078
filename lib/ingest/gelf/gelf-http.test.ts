import { expect, test } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { type IngestHead, Refused } from '../http-protocol.ts';
import { IngestTally } from '../ingest-tally.ts';
import { Sender } from '../sender.ts';
import { testProtocol } from '../testing/protocol-contract.ts';
import { runProtocol } from '../testing/run-protocol.ts';
import { gelfHttp } from './gelf-http.ts';

const GELF = gelfHttp();
const head: IngestHead = { method: 'POST', path: '/gelf', query: new URLSearchParams(), header: () => null };
const messages = (body: string) =>
  [...GELF.read(Buffer.from(body), head)].map((item) =>
    item instanceof Refused ? 'refused' : 'message' in item && item.message,
  );
const tally = () => new IngestTally(new Sender({ protocol: 'gelf', address: 'a' }, 0), () => 0);

testProtocol({
  protocol: GELF,
  samples: [
    {
      title: 'a message with all that the format knows',
      body: JSON.stringify({
        ...{ version: '1.1', host: 'h', short_message: 'a', full_message: 'a b', timestamp: 1_767_225_600.123 },
        ...{ level: 4, facility: 'f', _service: 's', _trace_id: 't', _span_id: 'i', _user: 'u', _: 1 },
      }),
      becomes: [{ message: 'a b', level: 'warn', service: 's', traceId: 't', spanId: 'i', attributes: { user: 'u' } }],
    },
    {
      title: 'one a line',
      body: '{"short_message":"a"}\n{"short_message":"b","_f":{"g":[1]}}\nno\n',
      becomes: [{ message: 'a' }, { message: 'b', attributes: { f: { g: [1] } } }, /expected a GELF message as JSON/],
    },
    { title: 'a list', body: '[{"short_message":"a"},5]', becomes: [{ message: 'a' }, /expected a GELF message such/] },
  ],
  write: (text, name) => ({
    body: `{"short_message":${JSON.stringify(text)},${JSON.stringify(`_${name}`)}:"v"}`,
  }),
});

test('what is too long or too much is cut, says so, and is counted', async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`_f${index}`, index]));
  const body = JSON.stringify({ short_message: 'a', _stack: 'at x\n'.repeat(10_000), ...many });
  const { stored, sender } = await runProtocol(GELF, { body });
  expect(stored).toMatchObject([{ attributes: { droppedAttributes: 76, truncatedAttributes: ['stack'] } }]);
  expect([sender.truncated, sender.rejected]).toEqual([1, 0]);
});

test.each<[string, string, unknown[]]>([
  ['one message', '{"short_message":"a"}', ['a']],
  ['one message over several lines', '{\n"short_message":\n"a"\n}', ['a']],
  [
    'one a line, as Graylog takes them in bulk',
    '{"short_message":"a"}\r\n\n{"short_message":"b"}\nno\n{"short_message":"c"}',
    ['a', 'b', 'refused', 'c'],
  ],
  ['a list', '[{"short_message":"a"},5]', ['a', 'refused']],
  ['nothing', '', []],
])('%s', (_title, body, expected) => {
  expect(messages(body)).toEqual(expected);
});

test('202 without a body for what was taken, 400 with a reason where nothing was', async () => {
  const taken = tally();
  taken.accept({ firstSeq: 1, lastSeq: 1 });
  const answer = GELF.answer(taken, head);
  expect([answer.status, await answer.text()]).toEqual([202, '']);
  const refused = tally();
  refused.reject(1, 'expected something else');
  const refusal = GELF.answer(refused, head);
  expect([refusal.status, await refusal.json()]).toEqual([400, { error: 'expected something else' }]);
  expect(GELF.answer(tally(), head).status).toBe(400);
});

test('a store that is away is 503, with the time to come back', async () => {
  const error = new AppError('storage-unavailable', 'away', { retryAfterS: 3 });
  const answer = GELF.refuse(error, tally(), head);
  expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
    503,
    '3',
    { error: 'away' },
  ]);
});
