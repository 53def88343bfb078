import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Attributes } from '@/lib/core/event.ts';

/** What the path of a file says about who writes it. */
export type SourceName = { readonly service: string; readonly attributes: Attributes };

const CONTAINER_ID_CHARS_SHOWN = 12;

/** Of Kubernetes and Docker the names of pod and container; of any other file its own name. */
export async function sourceName(path: string): Promise<SourceName> {
  return kubernetesName(path) ?? (await dockerName(path)) ?? { service: plainName(path), attributes: {} };
}

/** `/var/log/containers/<pod>_<namespace>_<container>-<id>.log`, `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<n>.log` */
function kubernetesName(path: string): SourceName | undefined {
  const link = /(?:^|\/)([^/_]+)_([^/_]+)_([^/]+)-[0-9a-f]{64}\.log$/.exec(path);
  if (link) return named(link[3], link[2], link[1]);
  const pod = /(?:^|\/)pods\/([^/_]+)_([^/_]+)_[^/_]+\/([^/]+)\/[^/]+$/.exec(path);
  return pod ? named(pod[3], pod[1], pod[2]) : undefined;
}

function named(container = '', namespace = '', pod = ''): SourceName {
  return { service: container, attributes: { namespace, pod, container } };
}

/** `/var/lib/docker/containers/<id>/<id>-json.log`; the name stands beside it, for who may read it. */
async function dockerName(path: string): Promise<SourceName | undefined> {
  const [, id] = /(?:^|\/)([0-9a-f]{64})-json\.log(?:\.\d+)?(?:\.gz)?$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  const short = id.slice(0, CONTAINER_ID_CHARS_SHOWN);
  const name = await dockerContainerName(join(dirname(path), 'config.v2.json'));
  return { service: name ?? short, attributes: { containerId: short } };
}

async function dockerContainerName(path: string): Promise<string | undefined> {
  try {
    const config: unknown = JSON.parse(await readFile(path, 'utf8'));
    const name = typeof config === 'object' && config !== null && 'Name' in config ? config.Name : undefined;
    return typeof name === 'string' ? name.replace(/^\//, '') || undefined : undefined;
  } catch {
    return undefined;
  }
}

/** `app` for `app.log`, `app.log.1`, `app-20260601.log.gz`, `app.log-20260601`. */
function plainName(path: string): string {
  const name = basename(path)
    .replace(/\.(gz|zst|bz2|xz)$/, '')
    .replace(/[-.]\d{4}-?\d\d-?\d\d(?:-\d+)?(?=\.|$)/, '')
    .replace(/(\.\d+)+$/, '')
    .replace(/\.(log|txt|out|err|json|jsonl|ndjson)$/, '')
    .replace(/[-.]\d{4}-?\d\d-?\d\d(?:-\d+)?$/, '');
  return (name || basename(path)).slice(0, 256);
}
