import type { Attributes } from '@/lib/core/event.ts';
import { isBlankText, SPACE } from './characters.ts';
import { parseObject } from './json-line.ts';
import type { ReadLine, Recogniser } from './line-format.ts';
import { setOwn } from './own-attribute.ts';
import { scanTime } from './scan-time.ts';
import { readTimeValue } from './time-value.ts';
import { unwrap } from './wrapped-line.ts';

/** A line in the wrapping of a container's runtime. */
export type ContainerLine = {
  /** What the container wrote, without the end of the line. */
  readonly content: string;
  readonly stream: string;
  /** The runtime cuts long lines: this is not the last piece. */
  readonly isPartial: boolean;
  /** The same wrapping around another content. */
  wrap(content: string): string;
};

const CRI_PREFIX_CHARS_MAX = 64;

/** Kubernetes (`2024-01-31T10:00:00.1Z stdout F text`) and Docker's json-file driver (`{"log":"text\n","stream":…}`). */
export function peelContainer(line: string): ContainerLine | undefined {
  return line.startsWith('{"log":"') ? peelDocker(line) : peelCri(line);
}

function peelCri(line: string): ContainerLine | undefined {
  // A time with T and a zone, quickly refused by the place of its first marks.
  if (line.charCodeAt(4) !== 0x2d || line.charCodeAt(10) !== 0x54) return undefined;
  const timeEnd = line.indexOf(' ', 19);
  const stream = line.startsWith('stdout ', timeEnd + 1) ? 'stdout' : 'stderr';
  if (timeEnd < 0 || timeEnd > CRI_PREFIX_CHARS_MAX || !line.startsWith(`${stream} `, timeEnd + 1)) return undefined;
  const tagAt = timeEnd + 8;
  const tag = line.charAt(tagAt);
  const next = line.charCodeAt(tagAt + 1);
  if ((tag !== 'F' && tag !== 'P') || (next !== SPACE && !Number.isNaN(next))) return undefined;
  const prefix = line.slice(0, tagAt);
  return {
    content: line.slice(tagAt + 2),
    stream,
    isPartial: tag === 'P',
    wrap: (content) => `${prefix}F ${content}`,
  };
}

function peelDocker(line: string): ContainerLine | undefined {
  const fields = parseObject(line);
  const { log, stream, time } = fields ?? {};
  if (typeof log !== 'string' || typeof stream !== 'string' || typeof time !== 'string') return undefined;
  return {
    content: trimEnd(log),
    stream,
    isPartial: !log.endsWith('\n'),
    wrap: (content) => JSON.stringify({ ...fields, log: `${content}\n` }),
  };
}

function trimEnd(log: string): string {
  return log.endsWith('\r\n') ? log.slice(0, -2) : log.endsWith('\n') ? log.slice(0, -1) : log;
}

export const readContainerLine: Recogniser = (text, context, inner) => {
  const peeled = peelContainer(text);
  if (!peeled) return undefined;
  const { content, stream } = peeled;
  const attributes: Attributes = { stream };
  const outer: ReadLine = { message: text, attributes, format: 'container' };
  if (text.startsWith('{')) {
    const { log: _log, stream: _stream, time = null, ...others } = parseObject(text) ?? {};
    outer.timeMs = readTimeValue(time, context);
    for (const key of Object.keys(others)) setOwn(attributes, key, others[key] ?? null);
  } else outer.timeMs = scanTime(text, 0, context)?.timeMs;
  return isBlankText(content) ? outer : unwrap(outer, inner(content));
};
