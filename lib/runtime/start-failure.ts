/** A start that cannot go on, for a reason that a person can mend; `message` says how. */
export class StartFailure extends Error {}

/** Ends the process when it could not start. What can be mended is told in a sentence; only the unexpected needs its stack. */
export function exitOnFailure(error: unknown): void {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StartFailure) return error.message;
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is in use; choose another one with PORT=…`;
  return error.stack ?? error.message;
}
