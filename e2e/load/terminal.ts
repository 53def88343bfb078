import { clockTime } from './duration.ts';
import type { Sample } from './timeline.ts';

const BAR_CHARS = 30;
const LINE_MS = 5000;

type Output = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };

/** Shows how a run goes: on a terminal one block, redrawn in place; elsewhere a line every five seconds. */
export class Terminal {
  readonly #output: Output;
  readonly #totalMs: number;
  #height = 0;
  #linedMs = Number.NEGATIVE_INFINITY;

  constructor(output: Output, totalMs: number) {
    this.#output = output;
    this.#totalMs = totalMs;
  }

  show(sample: Sample): void {
    if (!this.#output.isTTY) {
      if (sample.atMs - this.#linedMs < LINE_MS) return;
      this.#linedMs = sample.atMs;
      this.#output.write(`${statusLine(sample)}\n`);
      return;
    }
    const width = Math.max(40, (this.#output.columns ?? 100) - 1);
    const lines = statusBlock(sample, this.#totalMs).map((line) => line.slice(0, width));
    const up = this.#height > 0 ? `\x1b[${this.#height}A` : '';
    this.#output.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`);
    this.#height = lines.length;
  }

  /** A sentence that stays; the block goes on below. */
  say(text: string): void {
    this.#output.write(`${text}\n`);
    this.#height = 0;
  }
}

export function statusLine(sample: Sample): string {
  const { stage, atMs, open, wanted, inPerS, outPerS, latency, lost, repeated, errors, server } = sample;
  return [
    `${clockTime(atMs)} ${stage}`,
    `viewers ${whole(open)}/${whole(wanted)}`,
    `events/s ${whole(inPerS)} in, ${whole(outPerS)} out`,
    `p99 ${latency ? ms(latency.p99Ms) : '–'}`,
    `lost ${lost}, repeated ${repeated}, errors ${errors}`,
    `server ${percent(server.cpuShare)} CPU, ${mib(server.rssBytes)}`,
  ].join(' · ');
}

export function statusBlock(sample: Sample, totalMs: number): string[] {
  const { stage, atMs, open, wanted, inPerS, outPerS, latency, lost, repeated, errors, server } = sample;
  const row = (name: string, text: string): string => `  ${name.padEnd(12)}${text}`;
  return [
    '',
    row(stage, `${bar(atMs / totalMs)} ${clockTime(atMs)} of about ${clockTime(totalMs)}`),
    row(
      'viewers',
      `${whole(open)} open of ${whole(wanted)}, ${whole(sample.resumedPerS)} back/s, ${whole(sample.churnedPerS)} broken off/s`,
    ),
    row('events/s', `${whole(inPerS)} in, ${whole(outPerS)} out (${mib(sample.bytesPerS)}/s)`),
    row('latency', latency ? `p50 ${ms(latency.p50Ms)}, p95 ${ms(latency.p95Ms)}, p99 ${ms(latency.p99Ms)}` : '–'),
    row('continuity', `${whole(lost)} lost, ${whole(repeated)} repeated, ${whole(errors)} errors`),
    row(
      'server',
      `CPU ${percent(server.cpuShare)}, memory ${mib(server.rssBytes)}, loop late by ${ms(server.loopDelayP99Ms)}, ${whole(server.lagging)} lagging`,
    ),
    row('client', `CPU ${percent(sample.clientCpu)}, loop late by ${ms(sample.clientLoopMs)}`),
  ];
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_CHARS);
  return '█'.repeat(full) + '░'.repeat(BAR_CHARS - full);
}

function whole(value: number | undefined): string {
  return value === undefined ? '–' : Math.round(value).toLocaleString('en-US');
}
function ms(value: number | undefined): string {
  return value === undefined ? '–' : `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(share * 100).toFixed(0)} %`;
}
function mib(bytes: number | undefined): string {
  return bytes === undefined ? '–' : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
