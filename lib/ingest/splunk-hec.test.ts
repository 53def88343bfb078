import { describe, expect, test } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { splunkHec, splunkRaw } from './splunk-hec.ts';
import { refuseHec } from './splunk-response.ts';
import { testProtocol } from './testing/protocol-contract.ts';
import { runProtocol } from './testing/run-protocol.ts';

const PATH = '/services/collector/event';
const hec = () => splunkHec(() => 7);
const raw = () => splunkRaw(() => 7);

describe('events', () => {
  testProtocol({
    protocol: hec,
    samples: [
      {
        title: 'objects without anything between them: texts, objects, metrics, and what is wrong',
        path: `${PATH}?sourcetype=access&index=main`,
        body: [
          '{"time":1767225600.123,"host":"web-1","source":"nginx","event":"GET /","fields":{"region":"eu"}}',
          '{"time":"1767225601","event":{"message":"paid","severity":"warn","service":"shop","trace_id":"ab","n":1}}\n',
          '{"event":{"line":"from a container","tag":"t1"},"index":"docker"}',
          '{"event":"metric","host":"web-1","fields":{"metric_name:cpu.usr":1.5,"metric_name:cpu.sys":"2","core":"0"}}',
          '{"event":"metric","fields":{"metric_name":"memory","_value":3}}',
          '{"event":""}{"host":"web-1"}{"event":"late","time":{}}7',
        ].join(''),
        becomes: [
          {
            message: 'GET /',
            time: 1767225600.123,
            attributes: { 'host.name': 'web-1', source: 'nginx', sourcetype: 'access', index: 'main', region: 'eu' },
          },
          { message: 'paid', level: 'warn', service: 'shop', traceId: 'ab', time: '1767225601', attributes: { n: 1 } },
          { message: 'from a container', attributes: { tag: 't1', index: 'docker' } },
          { kind: 'metric', name: 'cpu.usr', value: 1.5, attributes: { core: '0', 'host.name': 'web-1' } },
          { kind: 'metric', name: 'cpu.sys', value: 2 },
          { kind: 'metric', name: 'memory', value: 3 },
          'expected some text',
          'expected a field "event"',
          'time: expected a number of seconds',
          'expected JSON objects',
        ],
      },
      {
        title: 'a list of events',
        path: PATH,
        body: '[{"event":"a"},{"event":5}]',
        becomes: [{ message: 'a' }, { message: '5' }],
      },
    ],
    write: (text, name) => ({ path: PATH, body: JSON.stringify({ event: text, fields: { [`${name}`]: 'x' } }) }),
  });
});

describe('raw', () => {
  testProtocol({
    protocol: raw,
    samples: [
      {
        title: 'each line is an event, and the query says where it is from',
        path: '/services/collector/raw?host=web-1&source=a.log&sourcetype=app&channel=c',
        body: 'one\r\n\n two \nthree',
        becomes: [
          { message: 'one', attributes: { 'host.name': 'web-1', source: 'a.log', sourcetype: 'app' } },
          { message: ' two' },
          { message: 'three' },
        ],
      },
    ],
    write: (text) => ({ path: '/services/collector/raw', body: text }),
  });
});

async function answered(body: string, headers: Record<string, string> = {}) {
  const { response, stored } = await runProtocol(hec(), { path: PATH, body, headers });
  return { status: response.status, answer: await response.json(), stored };
}

describe('the answer', () => {
  test.each<[string, number, object]>([
    ['{"event":"a"}', 200, { text: 'Success', code: 0 }],
    ['', 400, { text: 'No data', code: 5 }],
    ['hello', 400, { text: 'Invalid data format', code: 6, 'invalid-event-number': 0 }],
    ['{"event":"a"}{"event":', 400, { text: 'Invalid data format', code: 6, 'invalid-event-number': 1 }],
    ['{"event":"a"}{"time":1}', 400, { text: 'Event field is required', code: 12, 'invalid-event-number': 1 }],
    [
      '{"event":"a"}{"event":"b"}{"event":""}',
      400,
      { text: 'Event field cannot be blank', code: 13, 'invalid-event-number': 2 },
    ],
    [
      '{"event":"a","time":"never"}{"event":""}',
      400,
      { text: 'Invalid data format', code: 6, 'invalid-event-number': 0 },
    ],
    [
      '{"event":"metric","fields":{"metric_name:a":1,"metric_name:b":1}}{"event":"metric","fields":{"metric_name:c":"x"}}',
      400,
      { text: 'Error in handling indexed fields', code: 15, 'invalid-event-number': 1 },
    ],
  ])('to %s is %d', async (body, status, expected) => {
    const { answer, ...got } = await answered(body);
    expect(got.status).toBe(status);
    expect(answer).toMatchObject(expected);
  });

  test('names the first event that is wrong; those around it are stored', async () => {
    const { answer, stored } = await answered('{"event":"a"}{"event":{bad}}{"event":"c"}');
    expect(answer).toMatchObject({ 'invalid-event-number': 1, accepted: 2, rejected: 1 });
    expect(stored).toMatchObject([{ message: 'a' }, { message: 'c' }]);
  });

  test('holds an id for who says by which channel it will ask', async () => {
    expect((await answered('{"event":"a"}')).answer).toEqual({ text: 'Success', code: 0 });
    const channel = { 'X-Splunk-Request-Channel': '00000000-0000-0000-0000-000000000001' };
    expect((await answered('{"event":"a"}', channel)).answer).toEqual({ text: 'Success', code: 0, ackId: 7 });
  });
});

test.each([
  ['unauthorized', 401, { text: 'Invalid authorization', code: 3 }],
  ['forbidden', 403, { text: 'Invalid token', code: 4 }],
  ['body-too-large', 413, { text: 'Invalid data format', code: 6 }],
  ['rate-limited', 429, { text: 'Server is busy', code: 9 }],
  ['shutting-down', 503, { text: 'Server is shutting down', code: 23 }],
] as const)('%s is told by the code that Splunk has for it', async (code, status, expected) => {
  const response = refuseHec(new AppError(code, 'why'));
  expect([response.status, await response.json()]).toEqual([status, { ...expected, detail: 'why' }]);
});

test('an event that is an object without a text is its own text', async () => {
  const { stored } = await answered('{"event":{"user":"u","n":1}}');
  expect(stored).toMatchObject([{ message: '{"user":"u","n":1}', attributes: { user: 'u', n: 1 } }]);
});
