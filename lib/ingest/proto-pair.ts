import type { ProtoReader } from './proto-reader.ts';
import type { Shape } from './protobuf-shape.ts';

/** A name and its value, as Prometheus and Loki write a label. */
export const PAIR: Shape = { 1: 'bytes', 2: 'bytes' };

/** Names come again with every series, values mostly do not. */
export function readPair(reader: ProtoReader, end: number): [name: string, value: string] {
  let name = '';
  let value = '';
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag >>> 3 === 1) name = reader.key(end);
    else if (tag >>> 3 === 2) value = reader.text(end);
    else reader.skip(tag, end);
  }
  return [name, value];
}
