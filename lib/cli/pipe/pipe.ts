import { AgentVoice } from '../agent/agent-voice.ts';
import { BatchPoster } from '../agent/batch-poster.ts';
import { pause } from '../agent/pause.ts';
import { SendTotals } from '../agent/send-totals.ts';
import { OutputPipe } from './output-pipe.ts';
import { CannotStart, type Ending, FORWARDED, type PipeInput, runCommand, standardInput } from './pipe-input.ts';
import type { PipeOptions } from './pipe-options.ts';
import { PipeSpool, spoolsDirectory } from './pipe-spool.ts';
import { closingRecords, type StreamName, spoolRecords } from './spool-records.ts';
import { SpoolWriter } from './spool-writer.ts';

const DESCRIPTORS: Readonly<Record<StreamName, number>> = { stdout: 1, stderr: 2 };
const EXIT_LOST = 1;
const EXIT_WRONG = 2;

/** Passes text through and sends its lines; resolves to how the command is to end. */
export async function pipe(options: PipeOptions, tell: (sentence: string) => void): Promise<Ending> {
  const voice = new AgentVoice(options.url, tell);
  const say = (sentence: string): void => voice.say(sentence);
  const stop = new AbortController();
  const spools = await openSpools(options, voice, stop.signal).catch((error: unknown) => {
    const says = error instanceof Error ? error.message : String(error);
    say(`the spool cannot be opened: ${says}; --state names another directory`);
  });
  if (!spools) return { code: EXIT_WRONG };
  let input: PipeInput;
  try {
    input = options.command ? await runCommand(options.command) : standardInput(process.stdin);
  } catch (error) {
    for (const spool of spools) await spool.close();
    if (!(error instanceof CannotStart)) throw error;
    say(error.message);
    return { code: error.exitCode };
  }
  const drain = new AbortController();
  const forget = listen(input, drain);
  const [own] = spools;
  const sending = Promise.all(spools.map((spool) => spool.send(stop.signal)));
  for (const spool of spools.slice(1)) spool.finish();
  const writer = new SpoolWriter({ spool: own.segments, tell: say, onWritten: () => own.touch() });
  if (own.bytesLeft > 0) await writer.push(closingRecords(Date.now()));
  await Promise.all(input.streams.map(({ name, from }) => pump(from, name, input, writer, options.isQuiet)));
  const ending = await input.ended;
  await writer.settle();
  own.finish();
  await Promise.race([sending, pause(options.drainMs, drain.signal)]);
  drain.abort();
  stop.abort();
  await sending;
  forget();
  let [linesLost, bytesLeft] = [writer.linesLost, 0];
  for (const spool of spools) {
    await spool.close();
    linesLost += spool.linesLost;
    bytesLeft += spool.bytesLeft;
  }
  voice.tellUntold();
  if (bytesLeft > 0)
    say(`${bytesLeft.toLocaleString('en-US')} bytes wait in the spool, and go with the next run of this pipe`);
  return linesLost > 0 && 'code' in ending && !options.command ? { code: EXIT_LOST } : ending;
}

function openSpools(options: PipeOptions, voice: AgentVoice, signal: AbortSignal) {
  const { url, token, service, serviceElse, stateDir, spoolBytesMax } = options;
  return PipeSpool.openAll(spoolsDirectory(stateDir, url, service ?? serviceElse), {
    bytesMax: spoolBytesMax,
    origin: { service, serviceElse, attributes: {}, trustsWrapping: false, namesStream: options.command !== undefined },
    poster: new BatchPoster({ url, token, voice, waitMs: undefined, signal }),
    totals: new SendTotals(voice),
    tell: (sentence) => voice.say(sentence),
  });
}

/** What is read goes to the reader and into the spool at the same time; the next piece is read when both have it. */
async function pump(
  from: AsyncIterable<Buffer>,
  stream: StreamName,
  input: PipeInput,
  writer: SpoolWriter,
  isQuiet: boolean,
): Promise<void> {
  const output = new OutputPipe(DESCRIPTORS[stream], () => input.stop());
  try {
    for await (const piece of from) {
      const written = writer.push(spoolRecords(piece, stream, Date.now()));
      await Promise.all([isQuiet ? undefined : output.write(piece), written]);
    }
  } catch {
    // Reading was stopped: what was read is in the spool.
  }
}

/** A signal that ends reading, or comes while the end waits for the server, ends the waiting. */
function listen(input: PipeInput, drain: AbortController): () => void {
  let isEnded = false;
  void input.ended.then(() => {
    isEnded = true;
  });
  const listeners = FORWARDED.map((signal) => {
    const onSignal = (): void => {
      if (isEnded) drain.abort();
      else input.onSignal(signal);
    };
    process.on(signal, onSignal);
    return () => process.off(signal, onSignal);
  });
  return () => {
    for (const off of listeners) off();
  };
}
