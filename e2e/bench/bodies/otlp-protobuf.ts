import protobuf from 'protobufjs/minimal.js';
import type { BodySource } from './body-source.ts';
import { byService, type OtlpLine } from './otlp-lines.ts';

export const otlpProtobuf: BodySource = {
  name: 'OTLP, protobuf',
  path: '/v1/logs',
  headers: { 'Content-Type': 'application/x-protobuf' },
  body(from, count) {
    const writer = protobuf.Writer.create();
    for (const [service, lines] of byService(from, count))
      writeResourceLogs(writer.uint32(tag(1, 2)).fork(), service, lines);
    return Buffer.from(writer.finish());
  },
};

function tag(number: number, wire: number): number {
  return number * 8 + wire;
}

function writeResourceLogs(writer: protobuf.Writer, service: string, lines: readonly OtlpLine[]): void {
  writePair(writer.uint32(tag(1, 2)).fork().uint32(tag(1, 2)).fork(), 'service.name', service);
  writer.ldelim();
  writer.uint32(tag(2, 2)).fork().uint32(tag(1, 2)).fork().uint32(tag(1, 2)).string('bench').ldelim();
  for (const line of lines) writeRecord(writer.uint32(tag(2, 2)).fork(), line);
  writer.ldelim().ldelim();
}

function writeRecord(writer: protobuf.Writer, line: OtlpLine): void {
  writeTime(writer.uint32(tag(1, 1)), line.timeNanos);
  writer.uint32(tag(2, 0)).int32(line.severityNumber).uint32(tag(3, 2)).string(line.severityText);
  writer.uint32(tag(5, 2)).fork().uint32(tag(1, 2)).string(line.message).ldelim();
  for (const [key, value] of Object.entries(line.attributes)) writePair(writer.uint32(tag(6, 2)).fork(), key, value);
  writeTime(writer.uint32(tag(11, 1)), line.timeNanos);
  writer.ldelim();
}

/** Ends the message that it writes into. */
function writePair(writer: protobuf.Writer, key: string, value: string | number): void {
  writer.uint32(tag(1, 2)).string(key).uint32(tag(2, 2)).fork();
  if (typeof value === 'number') writer.uint32(tag(3, 0)).int64(value);
  else writer.uint32(tag(1, 2)).string(value);
  writer.ldelim().ldelim();
}

function writeTime(writer: protobuf.Writer, nanos: string): void {
  const time = BigInt(nanos);
  writer.fixed64({ low: Number(BigInt.asIntN(32, time)), high: Number(time >> 32n), unsigned: true } as never);
}
