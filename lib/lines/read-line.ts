import { readAccessLine } from './access-line.ts';
import { readContainerLine } from './container-line.ts';
import { readHeadedLine } from './headed-line.ts';
import { readJsonLine } from './json-line.ts';
import { readKlogLine } from './klog-line.ts';
import type { ReadLine, Recogniser } from './line-format.ts';
import { readLogfmtLine } from './logfmt-line.ts';
import type { TimeContext } from './scan-time.ts';
import { readSyslogLine } from './syslog-line.ts';

/** From what says clearly what it is to what has to be guessed. */
const RECOGNISERS: readonly Recogniser[] = [
  readContainerLine,
  readJsonLine,
  readSyslogLine,
  readLogfmtLine,
  readKlogLine,
  readAccessLine,
  readHeadedLine,
];

/** Lines within lines: a container's within a shipper's within a daemon's. */
const DEPTH_MAX = 4;

export function readLine(text: string, context: TimeContext, depth = 0): ReadLine {
  const plain: ReadLine = { message: text, format: 'text' };
  if (depth > DEPTH_MAX) return plain;
  const inner = (wrapped: string): ReadLine => readLine(wrapped, context, depth + 1);
  for (const recognise of RECOGNISERS) {
    const read = recognise(text, context, inner);
    if (read) return read;
  }
  return plain;
}
