import fc from 'fast-check';

/** Times in the shapes that programs write, all of the same moment as far as they say. */
export const TIMES = [
  '2026-01-31T10:20:30.123Z',
  '2026-01-31 10:20:30,123',
  '2026-01-31 10:20:30 +0100',
  '2026/01/31 10:20:30',
  '20260131-10:20:30:123',
  '260131 102030',
  '26/01/31 10:20:30',
  '31/Jan/2026:10:20:30 +0000',
  'Sat Jan 31 10:20:30 2026',
  'Jan 31 10:20:30',
  'Jan 31, 2026 10:20:30 AM',
  '01-31 10:20:30.123',
  '31 Jan 2026 10:20:30.123',
  '1769854830',
  '1769854830.123',
  '1769854830123',
  '10:20:30.123',
  '10:20:30',
] as const;

const LEVELS = [
  'INFO',
  'info',
  '[WARN]',
  'ERROR:',
  '<debug>',
  'E',
  'Error',
  'level=warn',
  'severity=ERROR',
  '(fatal)',
  'NOTE:',
];
const MARKS = [
  ' ',
  '  ',
  '\t',
  ' - ',
  ' | ',
  '|',
  ': ',
  ':',
  ', ',
  '[',
  ']',
  '(',
  ')',
  '] [',
  ' -- ',
  ' --- ',
  '\n',
  '"',
  '=',
  ' "',
  '<',
  '>',
];
const WRAPPINGS = [
  '<34>',
  '<165>1 2026-01-31T10:20:30Z host app 12 - - ',
  '<165>1 - - app - ID [a@1 b="c"] ',
  '2026-01-31T10:20:30.1Z stdout F ',
  'I0131 10:20:30.123456 1234 server.go:42] ',
  'I, [2026-01-31T10:20:30.123456 #1234]  INFO -- : ',
  '{"level":"info","msg":"',
  '{"log":"',
  'level=info msg=',
  '10.0.0.1 - - [31/Jan/2026:10:20:30 +0000] "GET / HTTP/1.1" 200 12 ',
  'Jan 31 10:20:30 host app[12]: ',
  '1:M 31 Jan 2026 10:20:30.123 * ',
  '\u001b[32m',
];
const ENDINGS = ['"}', '\\n","stream":"stdout","time":"2026-01-31T10:20:30Z"}', '}', '"', ']', '\u001b[0m', '\n', '.'];

/** The needle at this place: shapes that may be taken for pids, loggers, threads, tags, keys or prose. */
const SHAPES: readonly ((id: string) => string)[] = [
  (id) => `needle${id}`,
  (id) => `com.example.Needle${id}`,
  (id) => `Needle${id}:`,
  (id) => `[needle-${id}]`,
  (id) => `(thread ${id})`,
  (id) => `[pid ${id}]`,
  (id) => `needle[${id}]:`,
  (id) => `key${id}=value${id}`,
  (id) => `key="value ${id}"`,
  (id) => id,
  (id) => `#${id}`,
  (id) => `NEEDLE.${id}`,
  (id) => `/var/log/needle-${id}`,
  (id) => `needle.go:${id}`,
  (id) => `<needle${id}>`,
  (id) => `production${id}.ERROR:`,
  (id) => `a needle ${id} in prose`,
];

type Fragment = { readonly text: string; readonly needle?: string };

/** A digit right behind a time would be a part of it. */
const stamp = fc
  .tuple(fc.constantFrom(...TIMES), fc.constantFrom(' ', ']', '|', ': ', ', ', '\t', ' - ', 'x', '"', '/', '-'))
  .map(([time, mark]) => time + mark);

/** Text that is much like a line of a log, and what has to be found again in whatever is made of it. */
export const lineWithNeedles: fc.Arbitrary<{ text: string; needles: string[] }> = fc
  .tuple(
    fc.array(fc.constantFrom(...WRAPPINGS), { maxLength: 2 }),
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.nat(SHAPES.length - 1).map((shape) => ({ shape })) },
        { weight: 2, arbitrary: stamp.map((text) => ({ text })) },
        { weight: 2, arbitrary: fc.constantFrom(...LEVELS).map((text) => ({ text })) },
        { weight: 5, arbitrary: fc.constantFrom(...MARKS).map((text) => ({ text })) },
      ),
      { minLength: 1, maxLength: 14 },
    ),
    fc.option(fc.constantFrom(...ENDINGS), { nil: '' }),
  )
  .map(([wrappings, parts, ending]) => {
    const fragments = parts.map((part, index): Fragment => {
      if ('text' in part) return part;
      // No number that could be a date, a year or a status.
      const needle = String(77_700 + index);
      return { text: (SHAPES[part.shape] as (id: string) => string)(needle), needle };
    });
    const text = wrappings.join('') + fragments.map((fragment) => fragment.text).join('') + ending;
    const needles = fragments.flatMap(({ needle }) => (needle === undefined ? [] : [needle]));
    return { text, needles };
  });
