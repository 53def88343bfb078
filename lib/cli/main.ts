import { paletteFor } from './palette.ts';
import { EXIT, tail } from './tail.ts';
import { parseTail, TAIL_HELP } from './tail-options.ts';

const HELP = `tailrace <command>

  tail    prints events of a running server as they come; see tailrace tail --help
`;

/** What the shells add to a signal's number. */
const EXIT_INTERRUPTED = 130;
const EXIT_TERMINATED = 143;

type Streams = { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream };

/**
 * The command line. Resolves to the exit code.
 * @param args without node and the script
 * @param environment of which NO_COLOR counts
 */
export async function main(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  { stdout, stderr }: Streams = process,
): Promise<number> {
  const [command, ...rest] = args;
  if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
    (command === undefined ? stderr : stdout).write(HELP);
    return command === undefined ? EXIT.wrong : EXIT.done;
  }
  const parsed = command === 'tail' ? parseTail(rest) : wrongCommand(command);
  if (parsed.kind === 'help') {
    stdout.write(TAIL_HELP);
    return EXIT.done;
  }
  if (parsed.kind === 'wrong') {
    stderr.write(`tailrace: ${parsed.problem}\ntry: tailrace ${command === 'tail' ? 'tail ' : ''}--help\n`);
    return EXIT.wrong;
  }
  const { options } = parsed;
  const stop = new AbortController();
  let interrupted: number | undefined;
  const onSignal = (code: number) => (): void => {
    interrupted = code;
    stop.abort();
  };
  // Once: a second Ctrl-C ends the process whatever it is doing.
  process.once('SIGINT', onSignal(EXIT_INTERRUPTED)).once('SIGTERM', onSignal(EXIT_TERMINATED));
  const { write, tell } = openStreams({ stdout, stderr }, stop);
  const noColour = environment['NO_COLOR'];
  const notice = paletteFor(options.color, stderr.isTTY === true, noColour).notice;
  const code = await tail(options, {
    write,
    tell: (sentence) => tell(`${notice(sentence)}\n`),
    palette: paletteFor(options.color, stdout.isTTY === true, noColour),
    now: () => Date.now(),
    signal: stop.signal,
  });
  return interrupted ?? code;
}

function wrongCommand(command: string) {
  return { kind: 'wrong', problem: `unknown command ${JSON.stringify(command)}` } as const;
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
