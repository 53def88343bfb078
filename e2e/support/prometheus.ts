import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from './program.ts';
import { freePort } from './server-process.ts';

export type PrometheusOptions = {
  /** Host and port by the name of their job; each is asked for /metrics. */
  readonly targets: Readonly<Record<string, string>>;
  /** Where it writes to. */
  readonly remoteWriteUrl: string;
  readonly scrapeIntervalMs?: number;
};

/** A sample as both sides tell it: series, time and value in one text. */
export type SampleKey = string;

type RawAnswer = {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [seconds: number, value: string])[];
    }[];
  };
};

/** The real Prometheus, with data of its own, that scrapes and writes all it has scraped to elsewhere. */
export class Prometheus {
  readonly url: string;
  readonly program: Program;
  readonly #dir: string;

  private constructor(url: string, dir: string, program: Program) {
    this.url = url;
    this.#dir = dir;
    this.program = program;
  }

  static async start(options: PrometheusOptions): Promise<Prometheus> {
    const dir = mkdtempSync(join(tmpdir(), 'tailrace-prometheus-'));
    const file = join(dir, 'prometheus.json');
    // YAML knows JSON.
    writeFileSync(file, JSON.stringify(configure(options)));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const flags = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=info',
    ];
    return new Prometheus(url, dir, await Program.start('prometheus', flags, `${url}/-/ready`));
  }

  /** What it has stored of a job as it came in, without what is no number; a series is its labels with sorted names. */
  async samples(job: string): Promise<Map<SampleKey, number>> {
    const query = encodeURIComponent(`{job="${job}"}[1h]`);
    const answer = (await (await fetch(`${this.url}/api/v1/query?query=${query}`)).json()) as RawAnswer;
    const found = new Map<SampleKey, number>();
    for (const { metric, values } of answer.data.result) {
      for (const [seconds, text] of values) {
        const value = Number(text.replace('Inf', 'Infinity'));
        const timeMs = Math.round(seconds * 1000);
        if (Number.isFinite(value)) found.set(sampleKey(metric, timeMs, value), timeMs);
      }
    }
    return found;
  }

  /** One of its own metrics, summed over its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  async stop(): Promise<void> {
    await this.program.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

export function sampleKey(labels: Readonly<Record<string, string>>, timeMs: number, value: number): SampleKey {
  return JSON.stringify([Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)), timeMs, value]);
}

function configure({ targets, remoteWriteUrl, scrapeIntervalMs = 500 }: PrometheusOptions): object {
  const interval = `${scrapeIntervalMs}ms`;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: Object.entries(targets).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [target] }],
    })),
    remote_write: [
      {
        url: remoteWriteUrl,
        remote_timeout: '5s',
        metadata_config: { send: true, send_interval: '1s' },
        queue_config: {
          batch_send_deadline: '200ms',
          min_backoff: '50ms',
          max_backoff: '500ms',
          max_samples_per_send: 500,
          retry_on_http_429: true,
        },
      },
    ],
  };
}
