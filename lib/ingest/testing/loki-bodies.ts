import protobuf from 'protobufjs/minimal.js';

export type LokiLine = {
  readonly seconds?: number;
  readonly nanos?: number;
  readonly line?: string;
  readonly metadata?: Readonly<Record<string, string>>;
};
export type LokiBody = readonly { readonly labels: string; readonly lines: readonly LokiLine[] }[];

/** A `logproto.PushRequest`, not compressed, as Loki's own clients write it. */
export function lokiProtobuf(streams: LokiBody): Buffer {
  const writer = protobuf.Writer.create();
  for (const { labels, lines } of streams) {
    writer.uint32(field(1)).fork().uint32(field(1)).string(labels);
    for (const line of lines) writeLine(writer, line);
    writer.uint32(24).uint64(12345).ldelim();
  }
  return Buffer.from(writer.finish());
}

function writeLine(writer: protobuf.Writer, { seconds = 0, nanos = 0, line = '', metadata = {} }: LokiLine): void {
  writer.uint32(field(2)).fork();
  writer.uint32(field(1)).fork().uint32(8).int64(seconds).uint32(16).int32(nanos).ldelim();
  writer.uint32(field(2)).string(line);
  for (const [name, value] of Object.entries(metadata)) {
    writer.uint32(field(3)).fork().uint32(field(1)).string(name).uint32(field(2)).string(value).ldelim();
  }
  writer.ldelim();
}

/** The tag of a text, of bytes or of a message. */
function field(number: number): number {
  return number * 8 + 2;
}
