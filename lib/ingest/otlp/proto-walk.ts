import { DELIMITED, field, fieldsOf, ProtoReader } from '../proto-reader.ts';
import { orRefused, RECORD_BYTES_MAX, RESOURCE_NONE, SCOPE_NONE, Unusable, type Walked } from './otlp-model.ts';
import { readResource, readScope } from './proto-values.ts';

/** The same numbers in all three signals: a request's list of resources, of each its scopes, of each its records. */
const OUTER = field(1, DELIMITED);
const INNER = field(2, DELIMITED);

/**
 * All records of a request, one after the other. What is malformed ends the walk (bad-request), since nobody knows where
 * the next record begins; a record that merely cannot be taken is left out.
 */
export function* walkProto<Item>(
  body: Buffer,
  readItem: (reader: ProtoReader, end: number) => Item,
): Generator<Walked<Item>> {
  const reader = new ProtoReader(body, 'request of OTLP');
  for (const resourceEnd of fieldsOf(reader, OUTER, body.length)) {
    const resource = readHead(reader, resourceEnd, readResource) ?? RESOURCE_NONE;
    for (const scopeEnd of fieldsOf(reader, INNER, resourceEnd)) {
      const scope = readHead(reader, scopeEnd, readScope) ?? SCOPE_NONE;
      const origin = { resource, scope };
      for (const end of fieldsOf(reader, INNER, scopeEnd))
        yield orRefused(() => ({ origin, item: readItem(reader, end) }));
    }
  }
}

/** Throws Unusable for what is larger than anything that one event is made of. */
export function checkSize(reader: ProtoReader, end: number): void {
  const bytes = end - reader.at;
  if (bytes > RECORD_BYTES_MAX)
    throw new Unusable(`a record: expected at most ${RECORD_BYTES_MAX} bytes, got ${bytes}`);
}

/** What is common to a list's records may stand behind them: looked for first, then the reader goes back. */
function readHead<Head>(
  reader: ProtoReader,
  end: number,
  read: (reader: ProtoReader, end: number) => Head,
): Head | undefined {
  const start = reader.at;
  let head: Head | undefined;
  try {
    for (const headEnd of fieldsOf(reader, OUTER, end)) {
      checkSize(reader, headEnd);
      head = read(reader, headEnd);
    }
  } catch (error) {
    // Without knowing whose they are none of the records could be taken: the whole request is told so.
    throw error instanceof Unusable ? error.asBadRequest() : error;
  }
  reader.at = start;
  return head;
}
