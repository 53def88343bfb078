import fc from 'fast-check';
import { RANK_NONE } from '../level.ts';
import { type PreparedEvent, prepareEvent } from '../prepared-event.ts';

/** Text with everything that could break a frame, a name or a search. */
export const nastyText = (maxLength = 40) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom('\r', '\n', '\r\n', '\0', '\ufeff', '\u2028', '\u2029', '\u001b[31m', '\ud800', '\udc00', '😀'),
        fc.constantFrom('data: ', 'id: x', 'event: bye', '\n\n', ':', '"', '\\', '%', '_', '!', '</script>'),
        fc.string({ maxLength: 6, unit: 'binary' }),
        fc.string({ maxLength: 6 }),
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('').slice(0, maxLength));

const name = nastyText(20).map((text) => text || 'n');
const value = fc.oneof(
  nastyText(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(nastyText(), { maxLength: 2 }),
);
const attributes = fc.dictionary(
  fc.oneof(nastyText(10), fc.constantFrom('__proto__', 'constructor', 'toString', '7')),
  value,
  { maxKeys: 4 },
);

/** What a sender may write. */
export const eventInput = fc.oneof(
  fc.record(
    {
      kind: fc.constant('log'),
      message: nastyText(),
      level: fc.oneof(fc.constantFrom('info', 'WARN', 'crit', 30, 50, 7), nastyText(10)),
      service: name,
      attributes,
      traceId: nastyText(20),
      spanId: nastyText(20),
      extra: nastyText(),
    },
    { requiredKeys: ['message'] },
  ),
  fc.record(
    {
      kind: fc.constant('metric'),
      name,
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      unit: nastyText(10),
      type: fc.constantFrom('gauge', 'counter'),
      service: name,
      attributes,
    },
    { requiredKeys: ['kind', 'name', 'value'] },
  ),
);

/** Prepared events from few services with few words, so that random filters find some of them. */
export const searchableEvent = fc
  .record({
    metric: fc.boolean(),
    level: fc.constantFrom('trace', 'debug', 'info', 'warn', 'error', 'fatal'),
    service: fc.constantFrom('api', 'web', 'dB%', 'ünï'),
    words: fc.array(searchWord(), { maxLength: 4 }),
    attribute: fc.oneof(searchWord(), fc.integer({ min: 0, max: 20 }), fc.array(searchWord(), { maxLength: 2 })),
  })
  .map(({ metric, level, service, words, attribute }) => {
    const text = words.join(' ');
    const attributes = { a: attribute };
    return prepared(
      metric
        ? { kind: 'metric', name: text || 'm', value: words.length, service, attributes }
        : { message: text, level, service, attributes },
    );
  });

export function searchWord() {
  return fc.constantFrom(
    'Error',
    'ERROR',
    'k',
    '\u212a',
    's',
    'ſ',
    'é',
    'É',
    '50%',
    'a_b',
    'axb',
    '"q"',
    'C:\\x',
    '!',
    '12',
  );
}

/** Throws when the input is refused: the test's own mistake. */
export function prepared(input: unknown, nowMs = Date.UTC(2026, 0, 1)): PreparedEvent {
  const result = prepareEvent(input, nowMs);
  if (!result.ok) throw new Error(result.error);
  return result.event;
}

export const logAt = (message: string, nowMs?: number): PreparedEvent => prepared({ message, service: 't' }, nowMs);

export const filterOf = fc.record(
  {
    kind: fc.constantFrom('log' as const, 'metric' as const),
    services: fc.array(fc.constantFrom('api', 'web', 'dB%', 'ünï', 'none'), { maxLength: 3 }),
    level: fc.constantFrom('trace' as const, 'info' as const, 'warn' as const, 'fatal' as const),
    q: fc.oneof(
      searchWord(),
      searchWord().map((word) => word.toLowerCase()),
      fc.constantFrom('r e', '%', '_', '\\', '"', 'RR'),
    ),
  },
  { requiredKeys: [] },
);

export const isMetric = (event: { rank: number }): boolean => event.rank === RANK_NONE;
