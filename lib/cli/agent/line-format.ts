/** How the lines of a file are wrapped: as they are, by Docker's json-file driver, or by a Kubernetes container runtime. */
export const LINE_FORMATS = ['plain', 'docker', 'cri'] as const;
export type LineFormat = (typeof LINE_FORMATS)[number];

/** A line without its wrapping. */
export type UnwrappedLine = {
  readonly text: string;
  /** When it was written, in ms since 1970, where the wrapping says so. */
  readonly timeMs?: number;
  readonly stream?: string;
  /** The rest of the line comes in a line of its own. */
  readonly isPartial?: boolean;
};

// https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
const CRI = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (stdout|stderr) ([FP][^ ]*)(?: |$)/;
const DOCKER = /^\{"log":"/;

/** What a first line looks like. */
export function formatOf(line: string): LineFormat {
  if (CRI.test(line)) return 'cri';
  return DOCKER.test(line) && unwrapDocker(line) ? 'docker' : 'plain';
}

/** A line that is not wrapped as its file says stays as it is. */
export function unwrapLine(line: string, format: LineFormat): UnwrappedLine {
  if (format === 'plain') return { text: line };
  return (format === 'cri' ? unwrapCri(line) : unwrapDocker(line)) ?? { text: line };
}

function unwrapCri(line: string): UnwrappedLine | undefined {
  const match = CRI.exec(line);
  if (!match) return undefined;
  const [head, time = '', stream = '', tags = ''] = match;
  const text = line.slice(head.length);
  return { text: withoutReturn(text), ...timed(time), stream, ...(tags.startsWith('P') && { isPartial: true }) };
}

/** The driver cuts at 16 KiB: only a `log` that ends with LF ends its line. */
function unwrapDocker(line: string): UnwrappedLine | undefined {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record !== 'object' || record === null || !('log' in record)) return undefined;
    const { log } = record;
    if (typeof log !== 'string') return undefined;
    const time = 'time' in record && typeof record.time === 'string' ? timed(record.time) : {};
    const stream = 'stream' in record && typeof record.stream === 'string' ? { stream: record.stream } : {};
    if (!log.endsWith('\n')) return { text: log, ...time, ...stream, isPartial: true };
    return { text: withoutReturn(log.slice(0, -1)), ...time, ...stream };
  } catch {
    return undefined;
  }
}

function timed(text: string): { timeMs?: number } {
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? {} : { timeMs };
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
