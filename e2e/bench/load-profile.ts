import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { median } from './child.ts';

const reportSchema = z.object({
  figures: z.object({
    counts: z.object({ lost: z.number(), repeated: z.number(), missed: z.number(), churned: z.number() }),
    outPerS: z.number(),
    // JSON has no NaN: where nothing was measured there is null.
    latency: z.object({ p50Ms: z.number().nullable(), p99Ms: z.number().nullable() }).optional(),
    storms: z.array(z.object({ lastS: z.number().nullish(), herd: z.object({ factor: z.number() }).nullish() })),
    server: z.object({
      kibPerConnection: z.number().nullish(),
      leaked: z.number().nullish(),
      connectionsLeft: z.number().nullish(),
    }),
    memory: z
      .object({ slope: z.object({ perUnit: z.number(), error: z.number() }), perThousandConnects: z.number() })
      .partial()
      .nullish(),
  }),
  samples: z.array(
    z.object({ stage: z.string(), server: z.object({ cpuShare: z.number().nullable() }).partial().nullish() }),
  ),
});

export type LoadResult = z.infer<typeof reportSchema>['figures'] & {
  /** Of one core, the middle second of the hold stage. */
  readonly holdCpuShare: number;
};

/** One profile of `npm run load`, in a process of its own, as a person would run it. */
export function runLoad(profile: string, args: readonly string[] = []): LoadResult {
  const json = join(mkdtempSync(join(tmpdir(), 'tailrace-load-')), 'load.json');
  const given = ['scripts/load.mjs', '--profile', profile, '--json', json, ...args];
  spawnSync(process.execPath, given, { stdio: ['ignore', 'ignore', 'inherit'] });
  const { figures, samples } = reportSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
  const shares = samples.flatMap(({ stage, server }) => (stage === 'hold' ? (server?.cpuShare ?? []) : []));
  return { ...figures, holdCpuShare: median(shares) };
}
