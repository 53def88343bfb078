import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect, prepareAll } from './collect-events.ts';
import { createLogStream } from './log-source.ts';

describe('The stream of own logs', () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
  afterEach(() => void vi.useRealTimers());

  it("turns pino's fields into an event", async () => {
    const { stream, source } = createLogStream();
    const logger = pino({ base: { pid: 7 } }, pino.multistream([{ stream }]));
    const { events, stop } = await collect(source);
    logger.warn({ port: 3000, err: new TypeError('no port') }, 'could not listen');
    await vi.advanceTimersByTimeAsync(100);
    expect(events).toMatchObject([
      {
        kind: 'log',
        service: 'tailrace',
        level: 'warn',
        message: 'could not listen',
        time: Date.UTC(2026, 0, 1),
        attributes: { pid: 7, port: 3000, 'error.type': 'TypeError', 'error.message': 'no port' },
      },
    ]);
    expect(String(events[0]?.attributes?.['error.stack'])).toContain('log-source.test');
    prepareAll(events, Date.now());
    await stop();
  });

  it('keeps what was said before the source was started, in order', async () => {
    const { stream, source } = createLogStream();
    for (const msg of ['a', 'b', 'c']) stream.write(JSON.stringify({ level: 30, msg }));
    const { events, stop } = await collect(source);
    expect(events.map((event) => event['message'])).toEqual(['a', 'b', 'c']);
    await stop();
  });

  it('says how many lines a full buffer dropped, and keeps the newest', async () => {
    const { stream, source } = createLogStream({ bufferLinesMax: 3 });
    for (let index = 0; index < 10; index += 1) stream.write(JSON.stringify({ level: 30, msg: `line ${index}` }));
    const { events, stop } = await collect(source);
    expect(events[0]).toMatchObject({ level: 'warn', attributes: { 'log.dropped': 7 } });
    expect(events.slice(1).map((event) => event['message'])).toEqual(['line 7', 'line 8', 'line 9']);
    await stop();
  });

  it('withholds a line marked journal:false, but not one that merely quotes the mark', async () => {
    const { stream, source } = createLogStream();
    stream.write(JSON.stringify({ level: 30, journal: false, msg: 'batch of 12 stored' }));
    stream.write(JSON.stringify({ level: 30, inner: { journal: false }, msg: 'quoted' }));
    const { events, stop } = await collect(source);
    expect(events.map((event) => event['message'])).toEqual(['quoted']);
    await stop();
  });

  it('does not run away when the sink itself logs every event it takes in', async () => {
    const { stream, source } = createLogStream();
    let taken = 0;
    const stop = await source.start((events) => {
      taken += events.length;
      for (const _ of events) stream.write('{"level":30,"msg":"took in an event"}');
    });
    stream.write('{"level":30,"msg":"first"}');
    await vi.advanceTimersByTimeAsync(1000);
    expect(taken).toBeLessThanOrEqual(11);
    await stop();
    const before = taken;
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(taken).toBe(before);
  });

  it('takes lines that are no JSON, and cuts what the edge would refuse', async () => {
    const { stream, source } = createLogStream();
    stream.write('Warning: something from a library\n');
    stream.write(JSON.stringify({ level: 50, msg: 'é'.repeat(300_000), err: { stack: '\n at x'.repeat(5000) } }));
    stream.write(JSON.stringify({ level: 'fatal', time: '2026-01-01T00:00:00.000Z', msg: 7 }));
    const { events, stop } = await collect(source);
    expect(events[0]).toMatchObject({ level: 'info', message: 'Warning: something from a library' });
    expect(prepareAll(events, Date.now())).toHaveLength(3);
    expect(events[2]).toMatchObject({ level: 'fatal' });
    await stop();
  });
});
