import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repoRoot } from './support/in-process-server.ts';

/** What a door asks: written down here once more, so that a slip of the product's own table is seen. */
export type Door = 'public' | 'sender' | 'send' | 'view' | 'inspect' | 'operate' | 'administer';

/** Every endpoint that exists, by method and path. One that is not here fails the test, as does one that is gone. */
export const ENDPOINTS: Readonly<Record<string, Door>> = {
  'GET /api/stream': 'view',
  'HEAD /api/stream': 'view',
  'GET /api/poll': 'view',
  'HEAD /api/poll': 'view',
  'GET /api/events': 'view',
  'POST /api/events': 'sender',
  'OPTIONS /api/events': 'public',
  'POST /v1/logs': 'sender',
  'OPTIONS /v1/logs': 'public',
  'POST /v1/metrics': 'sender',
  'OPTIONS /v1/metrics': 'public',
  'POST /v1/traces': 'sender',
  'OPTIONS /v1/traces': 'public',
  'POST /loki/api/v1/push': 'sender',
  'OPTIONS /loki/api/v1/push': 'public',
  'GET /ready': 'public',
  'POST /api/v1/write': 'sender',
  'OPTIONS /api/v1/write': 'public',
  'POST /gelf': 'sender',
  'OPTIONS /gelf': 'public',
  'GET /services/collector/[[...path]]': 'sender',
  'HEAD /services/collector/[[...path]]': 'sender',
  'POST /services/collector/[[...path]]': 'sender',
  'OPTIONS /services/collector/[[...path]]': 'public',
  'DELETE /api/elasticsearch/[[...path]]': 'sender',
  'GET /api/elasticsearch/[[...path]]': 'sender',
  'HEAD /api/elasticsearch/[[...path]]': 'sender',
  'POST /api/elasticsearch/[[...path]]': 'sender',
  'OPTIONS /api/elasticsearch/[[...path]]': 'public',
  'PUT /api/elasticsearch/[[...path]]': 'sender',
  'GET /api/sources': 'inspect',
  'GET /api/sources/stream': 'inspect',
  'POST /api/sources/test': 'operate',
  'GET /api/metrics/query': 'view',
  'GET /api/services': 'view',
  'GET /api/connections': 'inspect',
  'GET /api/connections/stream': 'inspect',
  'POST /api/connections/drain': 'operate',
  'GET /api/connections/[id]': 'inspect',
  'POST /api/connections/[id]/ack': 'view',
  'POST /api/connections/[id]/disconnect': 'operate',
  'GET /api/system': 'inspect',
  'GET /api/system/stream': 'inspect',
  'HEAD /api/system/stream': 'inspect',
  'GET /api/chaos': 'inspect',
  'POST /api/chaos': 'operate',
  'DELETE /api/chaos': 'operate',
  'POST /api/diagnostics/heap-snapshot': 'administer',
  'POST /api/diagnostics/cpu-profile': 'administer',
  'GET /api/prometheus': 'inspect',
  'POST /api/login': 'public',
  'POST /api/logout': 'public',
  'GET /login/oidc': 'public',
  'GET /login/oidc/callback': 'public',
  'GET /api/access': 'administer',
  'POST /api/access/tokens': 'administer',
  'DELETE /api/access/tokens/[id]': 'administer',
  'PUT /api/access/password': 'view',
  'POST /api/access/accounts': 'administer',
  'PUT /api/access/accounts/[id]': 'administer',
  'DELETE /api/access/accounts/[id]': 'administer',
  'DELETE /api/access/sessions/[id]': 'administer',
  'GET /api/audit': 'administer',
  'GET /healthz': 'public',
  'GET /readyz': 'public',
};

/** Every page: what it asks of whoever looks at it. */
export const PAGES: Readonly<Record<string, Door>> = {
  '/': 'public',
  '/login': 'public',
  '/logs': 'view',
  '/metrics': 'view',
  '/connection': 'view',
  '/connections': 'inspect',
  '/sources': 'inspect',
  '/system': 'inspect',
  '/access': 'administer',
};

/** Whoever may come. The first four are nobody. */
export const VISITORS = [
  ...['none', 'wrong', 'expired', 'revoked'],
  ...['ingest', 'viewer', 'restricted', 'operator', 'admin'],
] as const;
export type Visitor = (typeof VISITORS)[number];

const MAY: Readonly<Record<Visitor, readonly Door[]>> = {
  none: [],
  wrong: [],
  expired: [],
  revoked: [],
  ingest: ['send', 'sender'],
  viewer: ['view', 'inspect'],
  restricted: ['view'],
  operator: ['send', 'sender', 'view', 'inspect', 'operate'],
  admin: ['send', 'sender', 'view', 'inspect', 'operate', 'administer'],
};

/** `in`, or the status of the refusal. */
export function verdict(visitor: Visitor, door: Door): 'in' | 401 | 403 {
  if (door === 'public' || MAY[visitor].includes(door)) return 'in';
  return MAY[visitor].length === 0 ? 401 : 403;
}

const APP = join(repoRoot, 'app');

function filesNamed(name: string): string[] {
  return readdirSync(APP, { recursive: true, encoding: 'utf8' }).filter((path) => path.split('/').at(-1) === name);
}

/** Methods and paths of all route handlers on disk, with the source of each. */
export function routesOnDisk(): { endpoint: string; source: string }[] {
  return filesNamed('route.ts').flatMap((path) => {
    const source = readFileSync(join(APP, path), 'utf8');
    const address = `/${relative('.', path.replace(/\/?route\.ts$/, ''))}`;
    const methods = [
      ...source.matchAll(/export (?:async function|function|const) (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b/g),
    ];
    return methods.map(([, method]) => ({ endpoint: `${method} ${address}`, source }));
  });
}

export function pagesOnDisk(): string[] {
  return filesNamed('page.tsx').map((path) => `/${path.replace(/\/?page\.tsx$/, '')}`);
}
