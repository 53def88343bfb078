import { formatDuration } from '@/components/shell/format-count.ts';
import type { TestLine } from '@/lib/wire/source-pages.ts';

/** One line on its way from this page through the server and back onto it. Times in ms by the page's clock. */
export type TestRun = {
  readonly id: string;
  readonly startedMs: number;
  readonly answer?: { readonly atMs: number; readonly line: TestLine };
  readonly arrivedMs?: number;
  readonly paintedMs?: number;
  /** What did not happen, in a sentence. */
  readonly failure?: string;
};

export type TestStep =
  | { readonly kind: 'begun'; readonly id: string; readonly atMs: number }
  | { readonly kind: 'answered'; readonly id: string; readonly atMs: number; readonly line: TestLine }
  | { readonly kind: 'refused'; readonly id: string; readonly says: string }
  | { readonly kind: 'arrived' | 'painted'; readonly id: string; readonly atMs: number }
  | { readonly kind: 'given-up'; readonly id: string; readonly afterMs: number; readonly stream: string };

/** The steps come in any order but the first: the stream may be quicker than the answer. */
export function stepTest(run: TestRun | undefined, step: TestStep): TestRun | undefined {
  if (step.kind === 'begun') return { id: step.id, startedMs: step.atMs };
  if (!run || run.id !== step.id || run.failure !== undefined) return run;
  switch (step.kind) {
    case 'answered':
      return { ...run, answer: { atMs: step.atMs, line: step.line } };
    case 'refused':
      return { ...run, failure: `It was not stored: ${step.says}` };
    case 'arrived':
      return run.arrivedMs === undefined ? { ...run, arrivedMs: step.atMs } : run;
    case 'painted':
      return run.paintedMs === undefined ? { ...run, paintedMs: step.atMs } : run;
    default:
      return isWhole(run) ? run : { ...run, failure: missing(run, step.afterMs, step.stream) };
  }
}

export function isWhole(run: TestRun): boolean {
  return run.answer !== undefined && run.paintedMs !== undefined;
}

export function isRunning(run: TestRun | undefined): boolean {
  return run !== undefined && run.failure === undefined && !isWhole(run);
}

/** Says which step did not happen. */
function missing(run: TestRun, afterMs: number, stream: string): string {
  const within = `within ${formatDuration(afterMs)}`;
  if (run.arrivedMs !== undefined && run.paintedMs === undefined) {
    return `It came by the stream, but this browser painted no frame ${within}: is the tab in the background?`;
  }
  if (!run.answer) return `The server did not answer ${within} that it is stored.`;
  return `It is stored at ${run.answer.line.position}, but did not come by this browser's stream ${within} (the stream is ${stream}).`;
}

export type Figure = { readonly name: string; readonly meaning: string; readonly ms: number | undefined };

/** The three figures; undefined until each is known. */
export function figuresOf(run: TestRun): readonly Figure[] {
  const { answer, startedMs, paintedMs } = run;
  const storedMs = answer?.line.storedInMs;
  return [
    {
      name: 'ingest',
      meaning: 'from this page to the server, checked, and the answer back; without the storing',
      ms: answer && Math.max(0, answer.atMs - startedMs - answer.line.storedInMs),
    },
    { name: 'stored', meaning: 'from the check to the disk, by the clock of the server', ms: storedMs },
    {
      name: 'on screen',
      meaning: 'from the click to the frame in which this browser has painted it, in all',
      ms: paintedMs === undefined ? undefined : paintedMs - startedMs,
    },
  ];
}

/** "0.8 ms", "31 ms", "1.2 s". */
export function figureWord(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : formatDuration(ms);
}
