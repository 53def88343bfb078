import { constants } from 'node:os';
import { follow } from './agent/follow.ts';
import { type Environment, FOLLOW_HELP, type FollowOptions, parseFollow, sendsFiles } from './agent/follow-options.ts';
import { openStatus } from './agent/status-line.ts';
import { followJournal } from './journal/follow-journal.ts';
import { paletteFor } from './palette.ts';
import { pipe } from './pipe/pipe.ts';
import { PIPE_HELP, type PipeOptions, parsePipe } from './pipe/pipe-options.ts';
import { EXIT, tail } from './tail.ts';
import { parseTail, TAIL_HELP, type TailOptions } from './tail-options.ts';

const HELP = `tailrace <command>

  tail            prints events of a running server as they come
  tail FILE…      sends the lines of files to it, and goes on as they grow
  tail --journal  sends what systemd's journal gets
  pipe            passes a program's output through, and sends its lines

See tailrace tail --help, tailrace pipe --help.
`;

/** What the shells add to a signal's number. */
const EXIT_SIGNAL = 128;
const EXIT_INTERRUPTED = 130;
const EXIT_TERMINATED = 143;

type Streams = { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream };

/**
 * The command line. Resolves to the exit code.
 * @param args without node and the script
 * @param environment of which NO_COLOR, TAILRACE_TOKEN, XDG_STATE_HOME and HOME count
 */
export async function main(
  args: readonly string[],
  environment: Environment,
  streams: Streams = process,
): Promise<number> {
  const { stdout, stderr } = streams;
  const [command, ...rest] = args;
  if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
    (command === undefined ? stderr : stdout).write(HELP);
    return command === undefined ? EXIT.wrong : EXIT.done;
  }
  const parsed = parse(command, rest, environment);
  if (parsed.kind === 'help') {
    stdout.write(parsed.help);
    return EXIT.done;
  }
  if (parsed.kind === 'wrong') {
    stderr.write(`tailrace: ${parsed.problem}\ntry: tailrace ${parsed.of}--help\n`);
    return EXIT.wrong;
  }
  return parsed.run(streams);
}

type Asked =
  | { readonly kind: 'run'; readonly run: (streams: Streams) => Promise<number> }
  | { readonly kind: 'help'; readonly help: string }
  | { readonly kind: 'wrong'; readonly problem: string; readonly of: string };

function parse(command: string, args: readonly string[], environment: Environment): Asked {
  if (command === 'tail' && sendsFiles(args)) {
    const parsed = parseFollow(args, environment);
    if (parsed.kind === 'help') return { kind: 'help', help: FOLLOW_HELP };
    if (parsed.kind === 'wrong') return { ...parsed, of: 'tail ' };
    return { kind: 'run', run: (streams) => runFollow(parsed.options, streams) };
  }
  if (command === 'tail') {
    const parsed = parseTail(args);
    if (parsed.kind === 'help') return { kind: 'help', help: `${TAIL_HELP}\n${FOLLOW_HELP}` };
    if (parsed.kind === 'wrong') return { ...parsed, of: 'tail ' };
    return { kind: 'run', run: (streams) => runTail(parsed.options, environment['NO_COLOR'], streams) };
  }
  if (command === 'pipe') {
    const parsed = parsePipe(args, environment);
    if (parsed.kind === 'help') return { kind: 'help', help: PIPE_HELP };
    if (parsed.kind === 'wrong') return { ...parsed, of: 'pipe ' };
    return { kind: 'run', run: (streams) => runPipe(parsed.options, streams) };
  }
  return { kind: 'wrong', problem: `unknown command ${JSON.stringify(command)}`, of: '' };
}

async function runTail(options: TailOptions, noColour: string | undefined, streams: Streams): Promise<number> {
  const { stdout, stderr } = streams;
  const stop = stopOnSignals();
  const { write, tell } = openStreams(streams, stop.controller);
  const notice = paletteFor(options.color, stderr.isTTY === true, noColour).notice;
  const code = await tail(options, {
    write,
    tell: (sentence) => tell(`${notice(sentence)}\n`),
    palette: paletteFor(options.color, stdout.isTTY === true, noColour),
    now: () => Date.now(),
    signal: stop.controller.signal,
  });
  return stop.code() ?? code;
}

async function runFollow(options: FollowOptions, { stderr }: Streams): Promise<number> {
  const stop = stopOnSignals();
  const { tell, progress } = openStatus(stderr);
  const io = { tell, progress, signal: stop.controller.signal };
  const code = await (options.journal ? followJournal(options, options.journal, io) : follow(options, io));
  return stop.code() ?? code;
}

async function runPipe(options: PipeOptions, { stderr }: Streams): Promise<number> {
  const ending = await pipe(options, openStatus(stderr).tell);
  if ('code' in ending) return ending.code;
  // Whoever waits for us learns what it would have learnt from the command itself.
  process.kill(process.pid, ending.signal);
  return EXIT_SIGNAL + constants.signals[ending.signal];
}

function stopOnSignals() {
  const controller = new AbortController();
  let interrupted: number | undefined;
  const onSignal = (code: number) => (): void => {
    interrupted = code;
    controller.abort();
  };
  // Once: a second Ctrl-C ends the process whatever it is doing.
  process.once('SIGINT', onSignal(EXIT_INTERRUPTED)).once('SIGTERM', onSignal(EXIT_TERMINATED));
  return { controller, code: () => interrupted };
}

/** Writes as fast as the other side reads. One that has gone (`| head`) is a way to end, no error. */
function openStreams({ stdout, stderr }: Streams, stop: AbortController) {
  stdout.on('error', () => stop.abort());
  stderr.on('error', () => undefined);
  return {
    write(text: string): Promise<void> | undefined {
      if (stop.signal.aborted || stdout.write(text)) return undefined;
      return new Promise((resolve) => {
        const go = (): void => {
          stdout.off('drain', go);
          stop.signal.removeEventListener('abort', go);
          resolve();
        };
        stdout.on('drain', go);
        stop.signal.addEventListener('abort', go);
      });
    },
    tell: (text: string): void => {
      stderr.write(text);
    },
  };
}
