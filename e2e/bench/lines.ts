import { LineJoiner } from '@/lib/lines/line-joiner.ts';
import { understandLine } from '@/lib/lines/understand-line.ts';
import { median } from './child.ts';
import { type Row, round } from './row.ts';

const NOW_MS = Date.UTC(2026, 0, 31, 12);

/** One line of each of the formats that are met most; `#` stands for what differs from line to line. */
const LINES: Readonly<Record<string, string>> = {
  JSON: '{"level":30,"time":17698608#,"pid":12,"hostname":"web-1","name":"shop","req":{"method":"GET","url":"/cart/#"},"msg":"request # completed"}',
  logfmt: 'time=2026-01-31T11:59:#.123Z level=info msg="request completed" path=/api/cart/# status=200 duration=12.3ms',
  syslog: 'Jan 31 11:59:# web-1 sshd[19939]: Failed password for invalid user guest from 203.0.113.# port 38926 ssh2',
  access:
    '203.0.113.# - - [31/Jan/2026:11:59:# +0000] "GET /api/cart/# HTTP/1.1" 200 2326 "https://example.com/" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0"',
  Java: '2026-01-31 11:59:#,123 INFO  [http-nio-8080-exec-#] com.example.shop.CartController - Cart # has been stored in 12 ms',
  container: '2026-01-31T11:59:#.123456789Z stdout F 2026-01-31T11:59:# WARN retrying request # in 200 ms',
  prose: 'the quick brown fox # jumps over the lazy dog and nothing in this line says when or how bad it was',
};

function linesOf(pattern: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => pattern.replaceAll('#', String(10 + (index % 50))));
}

function perSecond(lines: readonly string[], seconds: number): number {
  const runs: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    const joiner = new LineJoiner();
    const startMs = performance.now();
    for (const line of lines) {
      for (const text of joiner.feed(line, NOW_MS)) understandLine(text, { nowMs: NOW_MS });
    }
    for (const text of joiner.flush()) understandLine(text, { nowMs: NOW_MS });
    runs.push((lines.length * 1000) / (performance.now() - startMs));
  }
  return median(runs);
}

/** Lines a second through joiner and reader, on one thread, the formats in turn as a busy machine mixes them. */
export async function lineRows(): Promise<Row[]> {
  const patterns = Object.entries(LINES);
  const each = patterns.map(([name, pattern]) => `${name} ${round(perSecond(linesOf(pattern, 20_000), 2))}`);
  const sets = patterns.map(([, pattern]) => linesOf(pattern, 10_000));
  const mixed = Array.from({ length: 10_000 }, (_, index) => sets.map((set) => set[index] ?? '')).flat();
  return [
    {
      what: 'Lines of text joined and understood, one core',
      measured: `${round(perSecond(mixed, 5))} lines/s of seven formats mixed (${each.join(', ')})`,
      floor: '',
      target: '≥ 200,000 lines/s',
    },
  ];
}
