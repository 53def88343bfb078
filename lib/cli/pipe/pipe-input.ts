import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import type { StreamName } from './spool-records.ts';

/** How the text came to its end: with it the command ends. */
export type Ending = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** Where the text comes from. */
export type PipeInput = {
  readonly streams: readonly { readonly name: StreamName; readonly from: Readable }[];
  /** What a signal that we get means to it: nothing yet, the end of reading, or something to pass on. */
  onSignal(signal: NodeJS.Signals): void;
  /** Stops reading: the writer gets SIGPIPE when it goes on. */
  stop(): void;
  /** Resolves when there is no more, after the streams' ends. */
  readonly ended: Promise<Ending>;
};

/** Signals of which a command that is run gets its own. */
export const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
/** A grandchild may hold the streams open when the command is long gone. */
const LINGER_MS = 2_000;
const EXIT = { cannotExecute: 126, notFound: 127 } as const;

export function standardInput(stdin: NodeJS.ReadStream): PipeInput {
  let interrupts = 0;
  let ending: Ending = { code: 0 };
  const stop = (): void => {
    stdin.destroy();
  };
  return {
    streams: [{ name: 'stdout', from: stdin }],
    onSignal: (signal) => {
      if (signal === 'SIGUSR1' || signal === 'SIGUSR2') return;
      // A terminal sends it to the writer too, which may have last words. Nobody else writes to a terminal.
      if (signal === 'SIGINT') interrupts += 1;
      if (signal === 'SIGINT' && interrupts === 1 && !stdin.isTTY) return;
      ending = { signal };
      stop();
    },
    stop,
    ended: new Promise((resolve) => stdin.once('close', () => resolve(ending))),
  };
}

/** Throws an Error with an exit code when it cannot be started. */
export async function runCommand([command, ...args]: readonly [string, ...string[]]): Promise<PipeInput> {
  const child = spawn(command, args, { stdio: ['inherit', 'pipe', 'pipe'] });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new CannotStart(command, error);
  }
  return {
    streams: [
      { name: 'stdout', from: child.stdout },
      { name: 'stderr', from: child.stderr },
    ],
    onSignal: (signal) => {
      if (!hasItAlready(signal)) child.kill(signal);
    },
    stop: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    ended: endOf(child),
  };
}

/** What the shells answer: 127 for a command that is not there, 126 for one that cannot be run. */
export class CannotStart extends Error {
  readonly exitCode: number;

  constructor(command: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    super(code === 'ENOENT' ? `${command}: no such command` : `${command}: cannot be run (${String(code)})`);
    this.exitCode = code === 'ENOENT' ? EXIT.notFound : EXIT.cannotExecute;
  }
}

/** Ctrl-C and Ctrl-\ go to everybody in the foreground, the command included: it must not get them twice. */
function hasItAlready(signal: NodeJS.Signals): boolean {
  if (signal !== 'SIGINT' && signal !== 'SIGQUIT') return false;
  // Not process.stdin.isTTY: opening it would make the command's own standard input non-blocking.
  return isatty(0) || isatty(1) || isatty(2);
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const ending = signal === null ? { code: code ?? 0 } : { signal };
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, LINGER_MS);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(ending);
      });
    });
  });
}
