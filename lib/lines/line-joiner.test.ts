import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineJoiner } from './line-joiner.ts';
import { lineWithNeedles } from './testing/arbitrary-lines.ts';
import { understandLine } from './understand-line.ts';

function join(text: string, joiner = new LineJoiner()): string[] {
  return [...text.split('\n').flatMap((line) => joiner.feed(line, 0)), ...joiner.flush()];
}

const AT = '2026-01-31 12:00:00.123';

/** Each text is one event, whatever stands before and behind it. */
const TEXTS: readonly [string, string][] = [
  [
    'Java',
    `${AT} ERROR [main] com.example.Foo - failed
java.lang.IllegalStateException: no state
	at com.example.Foo.bar(Foo.java:12)
	at com.example.Foo.main(Foo.java:3)
Caused by: java.io.IOException: disk full
	at com.example.Disk.write(Disk.java:9)
	... 12 more
	Suppressed: java.lang.Exception: close`,
  ],
  [
    'Java without indentation',
    `Exception in thread "main" java.lang.NullPointerException
at com.example.Foo.bar(Foo.java:12)
at com.example.Foo.main(Foo.java:3)`,
  ],
  [
    'Python, with an exception during the handling of another',
    `ERROR:root:failed
Traceback (most recent call last):
  File "app.py", line 3, in <module>
    run()
    ~~~^^
ValueError: no value

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "app.py", line 5, in <module>
    clean()
KeyError: 'a'`,
  ],
  [
    'Go',
    `panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.main()
	/tmp/main.go:8 +0x1d
created by main.start in goroutine 1
	/tmp/main.go:4 +0x25
exit status 2`,
  ],
  [
    'Node',
    `Error: ENOENT: no such file or directory, open 'x'
    at Object.openSync (node:fs:573:18)
    at main (/app/index.js:3:5) {
  errno: -2,
  code: 'ENOENT'
}`,
  ],
  [
    'Node, uncaught',
    `/app/index.js:3
    throw new TypeError('no');
    ^

TypeError: no
    at Object.<anonymous> (/app/index.js:3:9)`,
  ],
  [
    'Ruby',
    `app.rb:3:in 'foo': no such thing (RuntimeError)
	from app.rb:6:in 'bar'
	from app.rb:9:in '<main>'`,
  ],
  [
    '.NET',
    `Unhandled exception. System.InvalidOperationException: no
 ---> System.IO.IOException: disk full
   at App.Disk.Write() in /src/Disk.cs:line 9
   --- End of inner exception stack trace ---
   at App.Program.Main() in /src/Program.cs:line 3`,
  ],
  ['.NET console', 'info: Microsoft.Hosting.Lifetime[14]\n      Now listening on: http://localhost:5000'],
  [
    'Rust',
    "thread 'main' panicked at src/main.rs:2:5:\nno luck\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/lib.rs:5",
  ],
  [
    'PHP',
    'PHP Fatal error:  Uncaught Exception: no in /a.php:3\nStack trace:\n#0 /a.php(5): f()\n#1 {main}\n  thrown in /a.php on line 3',
  ],
  ['an object over several lines', '{\n  "level": "info",\n  "msg": "m"\n}'],
];

test.each(TEXTS)('the lines of %s are one text', (_what, text) => {
  expect(join(text)).toEqual([text]);
  expect(join(`${text}\n${AT} INFO next`)).toEqual([text, `${AT} INFO next`]);
  expect(join(`first\n${text}\n{"msg":"last"}`)).toEqual(['first', text, '{"msg":"last"}']);
});

test('in a stream whose lines begin with times, what has none belongs to the line before', () => {
  const first = `${AT} INFO one\ntwo\n\nthree`;
  const second = `${AT} INFO four\nfive`;
  expect(join(`${first}\n${second}`)).toEqual([first, second]);
});

test('in a stream of other lines, each is one text, and one with a time gathers only few of them', () => {
  expect(join('one\ntwo\nthree')).toEqual(['one', 'two', 'three']);
  const plain = Array.from({ length: 200 }, (_, index) => `line ${index}`);
  const texts = join([`${AT} INFO started`, ...plain].join('\n'));
  expect(texts.length).toBeGreaterThan(150);
  expect(texts.join('\n').split('\n').slice(1)).toEqual(plain);
});

test.each([
  ['objects', '{"msg":"a"}'],
  ['pairs', 'level=info msg=a'],
  ['levels', '[INFO] a'],
  ['times', `${AT} a`],
  ['indented times', `   ${AT} a`],
  ['priorities', '<34>Jan 31 10:00:00 host app: a'],
  ['klog', 'I0131 10:20:30.123456 1234 server.go:42] a'],
  ['access', '192.0.2.1 - - [31/Jan/2026:04:00:00 -0800] "GET / HTTP/1.0" 200 1'],
])('lines that begin with %s are never joined', (_what, line) => {
  expect(join(`${line}\n${line}\n${line}`)).toEqual([line, line, line]);
});

test('an object is handed over at once, nothing waits for it and nothing is joined to it', () => {
  const joiner = new LineJoiner();
  expect(joiner.feed('{"msg":"a"}', 0)).toEqual(['{"msg":"a"}']);
  expect(joiner.dueMs).toBeUndefined();
  expect(joiner.feed('    at x', 0)).toEqual([]);
  expect(joiner.flush()).toEqual(['    at x']);
});

test('a text waits so long for its next line, and not longer than twenty times that in all', () => {
  const joiner = new LineJoiner({ waitMs: 100 });
  expect(joiner.dueMs).toBeUndefined();
  joiner.feed('Error: x', 1000);
  expect(joiner.dueMs).toBe(1100);
  joiner.feed('    at a', 1050);
  expect(joiner.dueMs).toBe(1150);
  expect(joiner.feed('    at b', 1150)).toEqual(['Error: x\n    at a']);
  for (let nowMs = 1200; nowMs < 3150; nowMs += 50) expect(joiner.feed('    at c', nowMs)).toEqual([]);
  expect(joiner.feed('    at d', 3150)).toHaveLength(1);
});

test('a text that becomes too long goes on in the next one', () => {
  const lines = [`${AT} ERROR x`, ...Array.from({ length: 9 }, (_, index) => `    at frame ${index}`)];
  const byLines = join(lines.join('\n'), new LineJoiner({ linesMax: 4 }));
  expect(byLines.map((text) => text.split('\n').length)).toEqual([4, 4, 2]);
  const byBytes = join(lines.join('\n'), new LineJoiner({ bytesMax: 64 }));
  expect(byBytes.join('\n')).toBe(lines.join('\n'));
  expect(Math.max(...byBytes.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(64);
});

test('pieces of a line that a container runtime has cut are put together', () => {
  const time = '2026-01-31T12:00:00.123456789Z';
  const cri = join(`${time} stdout P one \n${time} stdout P two \n${time} stdout F three\n${time} stdout F four`);
  expect(cri).toEqual([`${time} stdout F one two three`, `${time} stdout F four`]);
  const docker = (log: string) => JSON.stringify({ log, stream: 'stdout', time });
  const texts = join([docker('{"level":"error",'), docker('"msg":"x"}\n'), docker('next\n')].join('\n'));
  expect(texts.map((text) => understandLine(text).message)).toEqual(['x', 'next']);
  expect(understandLine(texts[0] ?? '').level).toBe('error');
});

test('a trace within a container is joined inside its wrapping, each stream for itself', () => {
  const time = '2026-01-31T12:00:00.123456789Z';
  const trace = `${time} stderr F Error: x\n${time} stderr F     at a (b:1)\n${time} stderr F     at c (d:2)`;
  const [text = '', other] = join(`${trace}\n${time} stdout F     indented`);
  expect(understandLine(text)).toMatchObject({
    message: 'Error: x\n    at a (b:1)\n    at c (d:2)',
    timeMs: 1769860800123,
  });
  expect(other).toBe(`${time} stdout F     indented`);
});

test('whatever is fed comes out again, in order, within its bounds, and no text holds two times', () => {
  const line = fc.oneof(
    lineWithNeedles.map(({ text }) => text.replaceAll('\n', ' ').replaceAll('\r', ' ')),
    fc.constantFrom(
      '',
      '  ',
      '    at a(b)',
      'Caused by: x',
      'goroutine 1 [running]:',
      'Traceback (most recent call last):',
      '}',
      `${AT} INFO x`,
      'Error: x',
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(line, fc.nat(400)), { maxLength: 40 }), (feeds) => {
      const joiner = new LineJoiner({ linesMax: 5, bytesMax: 500, waitMs: 300 });
      let nowMs = 0;
      const texts = feeds.flatMap(([text, waitMs]) => {
        nowMs += waitMs;
        return joiner.feed(text, nowMs);
      });
      texts.push(...joiner.flush());
      expect(joiner.dueMs).toBeUndefined();
      const wrapped = feeds.some(([text]) => / std(?:out|err) [FP]|^\{"log"/.test(text));
      const isBlank = (text: string) => text.trim() === '';
      if (!wrapped) {
        const fed = feeds.map(([text]) => text).filter((text) => !isBlank(text));
        expect(texts.flatMap((text) => text.split('\n')).filter((text) => !isBlank(text))).toEqual(fed);
      }
      for (const text of texts) {
        const parts = text.split('\n');
        expect(parts.length).toBeLessThanOrEqual(5);
        expect(parts.length === 1 || Buffer.byteLength(text) <= 500).toBe(true);
        expect(parts.slice(1).some((part) => part.trimStart().startsWith(AT))).toBe(false);
      }
    }),
    { seed: 1, numRuns: 1500 },
  );
});
