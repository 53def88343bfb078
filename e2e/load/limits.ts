import { readFileSync } from 'node:fs';

/** Beside streams a process holds publishers, acknowledgements, churn, and what Node itself needs. */
const DESCRIPTORS_BESIDE = 300;
/** Of the 28,000 ports that Linux gives out for one source address, so that there is room for churn and waiting ones. */
const PORTS_PER_ADDRESS = 25_000;

/** Open files that a process may have; Node has raised it as far as it may be raised. undefined: not told here. */
export function descriptorsMax(): number | undefined {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return match ? Number(match[1]) : undefined;
  } catch {
    return undefined;
  }
}

/** Why a run cannot be, in a sentence that says what can; undefined when it can. */
export function whyImpossible(
  run: { readonly streams: number; readonly workers: number; readonly ownServer: boolean },
  max: number | undefined,
): string | undefined {
  if (max === undefined) return undefined;
  const room = max - DESCRIPTORS_BESIDE;
  const perWorker = Math.ceil(run.streams / run.workers);
  const raise = `raise the limit (ulimit -n ${run.streams + DESCRIPTORS_BESIDE})`;
  if (run.ownServer && run.streams > room) {
    return `a server on this machine can hold about ${room} streams with ${max} descriptors, not ${run.streams}; ${raise}`;
  }
  if (perWorker > room) {
    const workers = Math.ceil(run.streams / room);
    return `a worker can hold about ${room} streams with ${max} descriptors, not ${perWorker}; use --workers ${workers} or ${raise}`;
  }
  return undefined;
}

/** Source addresses for so many streams to one loopback address; elsewhere there is but one. */
export function sourceAddresses(streams: number, host: string): string[] {
  const count = Math.ceil(streams / PORTS_PER_ADDRESS);
  if (count <= 1 || !host.startsWith('127.')) return [];
  return Array.from({ length: count }, (_, index) => `127.0.0.${index + 2}`);
}
