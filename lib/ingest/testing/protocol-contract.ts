import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError, ERROR_STATUS, type ErrorCode } from '@/lib/core/errors.ts';
import { MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import { cleanName, cleanText, exceedsBytes } from '@/lib/core/text.ts';
import { type HttpProtocol, NotKept, Refused } from '../http-protocol.ts';
import { hostileJson } from './hostile-json.ts';
import { headOf, type Run, runProtocol, type Sent } from './run-protocol.ts';

/** A body that a client of this protocol sends, and what it is read as. */
export type Sample = Sent & {
  readonly title: string;
  /**
   * What is read, in its order: an object is an event that holds at least this, a text or an expression is what stands in
   * the sentence of something refused, a number how much there is nothing of to keep.
   */
  readonly becomes: readonly (object | string | RegExp | number)[];
};

export type ProtocolContract = {
  /** A function where a protocol keeps something between reading a body and answering it. */
  readonly protocol: HttpProtocol | (() => HttpProtocol);
  /** The first of them is cut at every byte, so it should be short and hold all that the protocol knows. */
  readonly samples: readonly Sample[];
  /** A body of one event that holds this text, and a field, label or attribute of this name, as well as the protocol can. */
  write(text: string, name: string): Sent;
  /** The text stands in the message unless it says otherwise; for protocols that hold metrics alone. */
  readonly textIn?: 'message' | 'attributes';
};

const SEED = 20260101;
const RUNS = 300;
/** A body has a hundred places and more, and each is tried with a text of a MiB: on a machine with much else to do. */
const TRY_MS_MAX = 60_000;
/** Bodies may be packed: no known protocol makes more events than this of a byte. */
const ITEMS_PER_BYTE_MAX = 4;
/** Only these may end the reading of a body. */
const READING_CODES: readonly ErrorCode[] = ['bad-request', 'unsupported-media-type', 'body-too-large'];

/** What every HTTP protocol must stand; its test file calls this with samples of its own and adds what is special to it. */
export function testProtocol(contract: ProtocolContract): void {
  const make = typeof contract.protocol === 'function' ? contract.protocol : () => contract.protocol as HttpProtocol;
  describe('reads what clients send', () => testSamples(contract, make));
  describe('stands bodies that are broken', () => testBroken(contract, make));
  describe('stands what hostile senders write', () => testHostile(contract, make));
  describe('answers', () => testAnswers(contract, make));
}

type Make = () => HttpProtocol;

function testSamples({ samples }: ProtocolContract, make: Make): void {
  test.each(samples)('$title', async (sample) => {
    const { read, error, tally, response } = await runProtocol(make(), sample);
    expect(error).toBeUndefined();
    expect(read.map(readable)).toMatchObject(
      sample.becomes.map((one) => {
        if (typeof one === 'number') return { notKept: one };
        return typeof one === 'string' || one instanceof RegExp ? { refused: expect.stringMatching(one) } : one;
      }),
    );
    expect(read).toHaveLength(sample.becomes.length);
    const refused = read.filter((item) => item instanceof Refused).length;
    const notKept = read.filter((item) => item instanceof NotKept).length;
    expect(tally).toMatchObject({ accepted: read.length - refused - notKept });
    expect(response.status).toBeLessThan(refused > 0 ? 500 : 300);
  });

  test('an empty body is nothing, or a bad request', async () => {
    const [sample] = samples;
    if (!sample) throw new Error('a contract needs a sample');
    const { read, error } = await stands(make, { ...sample, body: '' });
    expect(read.filter((item) => !(item instanceof Refused))).toEqual([]);
    expect([undefined, 'bad-request']).toContain(error?.code);
  });
}

function readable(item: object): object {
  if (item instanceof NotKept) return { notKept: item.count };
  return item instanceof Refused ? { refused: item.says } : item;
}

function testBroken({ samples }: ProtocolContract, make: Make): void {
  test('cut after every byte', { timeout: TRY_MS_MAX }, async () => {
    const [sample] = samples;
    if (!sample) throw new Error('a contract needs a sample');
    const body = Buffer.from(sample.body);
    for (let length = 0; length < body.length; length += 1) {
      await stands(make, { ...sample, body: body.subarray(0, length) });
    }
  });

  test.each(samples)(
    '$title: with some bytes changed, gone, doubled or new',
    { timeout: TRY_MS_MAX },
    async (sample) => {
      const body = Buffer.from(sample.body);
      const change = changeWithin(body.length);
      const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const bytes = changes.reduce<Buffer>(changed, body);
        await stands(make, { ...sample, body: bytes });
      });
      await fc.assert(property, { seed: SEED, numRuns: RUNS });
    },
  );

  test('any bytes at all', async () => {
    const [sample] = samples;
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
      await stands(make, { ...sample, body: Buffer.from(bytes) });
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
}

type Change = { at: number; how: 'changed' | 'gone' | 'doubled' | 'new'; byte: number; length: number };

function changeWithin(bodyLength: number): fc.Arbitrary<Change> {
  return fc.record({
    at: fc.nat(Math.max(0, bodyLength - 1)),
    how: fc.constantFrom('changed', 'gone', 'doubled', 'new'),
    byte: fc.oneof(fc.constantFrom(0, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x7b, 0x0a), fc.nat(255)),
    length: fc.integer({ min: 1, max: 40 }),
  });
}

function changed(bytes: Buffer, { at, how, byte, length }: Change): Buffer {
  const piece = bytes.subarray(at, at + length);
  const rest = bytes.subarray(at + length);
  const middle: Record<Change['how'], readonly Buffer[]> = {
    changed: [Buffer.from([byte]), piece.subarray(1)],
    gone: [],
    doubled: [piece, piece],
    new: [Buffer.alloc(length, byte), piece],
  };
  return Buffer.concat([bytes.subarray(0, at), ...middle[how], rest]);
}

function testHostile({ samples, write, textIn = 'message' }: ProtocolContract, make: Make): void {
  test.each(samples)(
    '$title: with hostile values and names in every place of its JSON',
    { timeout: TRY_MS_MAX },
    async (sample) => {
      for (const { title, body } of hostileJson(Buffer.from(sample.body).toString())) {
        await stands(make, { ...sample, body }, title);
      }
    },
  );

  test.each([
    '<img src=x onerror="alert(1)"><script>alert(1)</script>',
    '{"kind":"log","message":"forged"}',
    'javascript:alert(1) \\ %0a%0d " \' ` $(x) {{x}}',
    'mixed \u202e direction, \ufeff BOM, 😀 and é',
  ])('%s is kept as it was sent, in one event', async (text) => {
    const { stored } = await stands(make, write(text, 'name'));
    expect(stored.map((event) => texts(event, textIn))).toEqual([expect.arrayContaining([text])]);
  });

  test.each(['a\u0000b', 'a\r\nb', 'half \ud83d a pair', '\u007f\u0001'])('%j acts on nothing', async (text) => {
    const { stored } = await stands(make, write(text, 'name'));
    const found = stored.flatMap((event) => texts(event, textIn));
    for (const one of found) expect([cleanText(one), cleanName(one)]).toContain(one);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'x'.repeat(300)])(
    'a field with the name %j is data, or refused',
    async (name) => {
      const { stored, tally, error } = await stands(make, write('text', name));
      expect(stored.length + tally.rejected + (error ? 1 : 0)).toBeGreaterThan(0);
    },
  );

  test('a text of 1 MiB is cut and counted, or refused', async () => {
    const { stored, sender, tally, error } = await stands(make, write('é'.repeat(512 * 1024), 'name'));
    expect(sender.truncated + tally.rejected + (error ? 1 : 0)).toBeGreaterThan(0);
    for (const event of stored) {
      for (const text of texts(event, textIn)) expect(exceedsBytes(text, MESSAGE_BYTES_MAX)).toBe(false);
    }
  });
}

function testAnswers({ samples }: ProtocolContract, make: Make): void {
  test.each(Object.keys(ERROR_STATUS) as ErrorCode[])(
    '%s so that a client knows whether to come again',
    async (code) => {
      const retryAfterS = ERROR_STATUS[code] === 429 || ERROR_STATUS[code] === 503 ? 7 : undefined;
      const error = new AppError(code, 'what was expected', retryAfterS === undefined ? {} : { retryAfterS });
      const { tally } = await runProtocol(make(), { ...samples[0], body: '' });
      const response = make().refuse(error, tally, headOf(samples[0] ?? {}));
      // Clients come again after these alone; after another 4xx they give the body up, after 413 some send it in parts.
      if (retryAfterS !== undefined) expect([429, 503]).toContain(response.status);
      else if (code === 'body-too-large') expect(response.status).toBe(413);
      else expect(Math.floor(response.status / 100)).toBe(Math.floor(ERROR_STATUS[code] / 100));
      if (retryAfterS === undefined) expect([429, 503]).not.toContain(response.status);
      expect(response.headers.get('Retry-After')).toBe(retryAfterS === undefined ? null : '7');
      expect((await response.arrayBuffer()).byteLength).toBeLessThan(10_000);
    },
  );
}

/** Runs a body and checks what must hold for each, whatever it holds. */
async function stands(make: Make, sent: Sent, title = 'body'): Promise<Run> {
  const itemsMax = (Buffer.byteLength(sent.body) + 1) * ITEMS_PER_BYTE_MAX;
  let run: Run;
  try {
    run = await runProtocol(make(), sent, itemsMax);
  } catch (error) {
    throw new Error(`${title}: ${show(sent.body)} was not stood: ${(error as Error).stack}`, { cause: error });
  }
  if (run.error) expect(READING_CODES).toContain(run.error.code);
  for (const item of run.read) {
    if (item instanceof Refused || item instanceof NotKept) expect(item.count).toBeGreaterThan(0);
  }
  expect(run.tally.accepted).toBe(run.stored.length);
  expect(run.tally.rejected).toBeLessThanOrEqual(itemsMax);
  expect(run.response.status).toBeGreaterThanOrEqual(200);
  expect(run.response.status).toBeLessThan(500);
  expect('polluted' in {}).toBe(false);
  return run;
}

function show(body: Buffer | string): string {
  const text = typeof body === 'string' ? body : body.toString('latin1');
  return JSON.stringify(text.length > 600 ? `${text.slice(0, 300)} … ${text.slice(-300)}` : text);
}

/** Every text that an event holds in its message, or in its attributes. */
function texts(event: object, where: 'message' | 'attributes'): string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk((event as Record<string, unknown>)[where]);
  return found;
}
