import { logLine } from '../log-lines.ts';

export type LokiEntry = { readonly timeMs: number; readonly line: string; readonly metadata: Record<string, string> };
export type LokiStreams = ReadonlyMap<
  string,
  { readonly labels: Record<string, string>; readonly entries: LokiEntry[] }
>;

type LogLine = { level: string; service: string; message: string; attributes: Record<string, string | number> };

/** The benchmark's lines as an agent sends them: few streams by their labels, what differs from line to line beside it. */
export function lokiStreams(from: number, count: number): LokiStreams {
  const timeMs = Date.now();
  const streams = new Map<string, { labels: Record<string, string>; entries: LokiEntry[] }>();
  for (let index = from; index < from + count; index += 1) {
    const { level, service, message, attributes } = JSON.parse(logLine(index)) as LogLine;
    const key = `${service} ${level}`;
    const stream = streams.get(key) ?? { labels: { app: service, level, region: 'eu-central' }, entries: [] };
    streams.set(key, stream);
    const { path, status, requestId } = attributes;
    const metadata = { path: String(path), status: String(status), requestId: String(requestId) };
    stream.entries.push({ timeMs, line: message, metadata });
  }
  return streams;
}
