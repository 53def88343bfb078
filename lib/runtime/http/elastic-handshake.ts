import { elasticResponse } from '@/lib/ingest/elastic-response.ts';

/** What shippers take this server for; they ask for 7.x or 8.x. */
const VERSION = '8.19.0';
const NAME = 'tailrace';
const ACKNOWLEDGED = { acknowledged: true };
const LICENSE = { uid: '00000000-0000-0000-0000-000000000000', type: 'basic', mode: 'basic', status: 'active' };
const FEATURE = { available: true, enabled: true };

const INFO = {
  name: NAME,
  cluster_name: NAME,
  cluster_uuid: 'tailrace-tailrace-tail',
  version: {
    number: VERSION,
    build_flavor: 'default',
    build_type: 'docker',
    build_hash: '0000000000000000000000000000000000000000',
    build_date: '2026-01-01T00:00:00.000Z',
    build_snapshot: false,
    lucene_version: '9.12.2',
    minimum_wire_compatibility_version: '7.17.0',
    minimum_index_compatibility_version: '7.0.0',
  },
  tagline: 'You Know, for Search',
};

export type Handshake = {
  readonly method: string;
  /** Behind the prefix, without a slash at its end; `/` for what is asked first. */
  readonly path: string;
  /** As the client calls this server. */
  readonly host: string;
  readonly isReady: boolean;
};

type Answer = (asked: Handshake) => object;

/**
 * What shippers ask before and beside sending documents, by how its path begins: who is there, which licence, whether their
 * templates, policies and pipelines exist. There is nothing here to set up, so whatever they look for is there and whatever
 * they create is acknowledged.
 */
const ANSWERS: readonly (readonly [RegExp, Answer])[] = [
  [/^\/$/, () => INFO],
  [/^\/_license/, () => ({ license: { ...LICENSE, issued_to: NAME } })],
  [/^\/_xpack/, () => ({ license: LICENSE, features: { ilm: FEATURE, data_streams: FEATURE, security: FEATURE } })],
  [/^\/_cluster\/health/, health],
  [/^\/_cluster\/settings/, () => ({ persistent: {}, transient: {} })],
  [/^\/_nodes/, nodes],
  [/^\/_(index_template|component_template|template)/, templates],
  [/^\/_ilm/, () => ({})],
  [/^\/_ingest/, () => ({})],
  [/^\/_data_stream/, () => ({ data_streams: [] })],
  [/^\/_alias/, () => ({})],
  [/^\/_?logstash/, () => ({})],
  [/^\/([^/]+\/)?_refresh$/, () => ({ _shards: { total: 1, successful: 1, failed: 0 } })],
];

/** Undefined for what is none of these. */
export function answerHandshake(asked: Handshake): Response | undefined {
  const answer = ANSWERS.find(([pattern]) => pattern.test(asked.path))?.[1];
  const isReading = asked.method === 'GET' || asked.method === 'HEAD';
  // Logstash asks in this way whether the index that it writes to exists.
  const isIndex = asked.method === 'HEAD' && /^\/[^/_][^/]*$/.test(asked.path);
  if (answer) return elasticResponse(200, isReading || asked.path.endsWith('_refresh') ? answer(asked) : ACKNOWLEDGED);
  return isIndex ? elasticResponse(200, {}) : undefined;
}

function health({ isReady }: Handshake): object {
  const shards = { active_primary_shards: 1, active_shards: 1, unassigned_shards: 0 };
  const status = isReady ? 'green' : 'red';
  return { cluster_name: NAME, status, timed_out: false, number_of_nodes: 1, number_of_data_nodes: 1, ...shards };
}

/** A client that looks for more nodes finds the one that it knows. */
function nodes({ host }: Handshake): object {
  const http = { publish_address: host, bound_address: [host] };
  const node = { name: NAME, host, ip: host, version: VERSION, roles: ['data', 'ingest', 'master'], http };
  return { _nodes: { total: 1, successful: 1, failed: 0 }, cluster_name: NAME, nodes: { [NAME]: node } };
}

function templates({ path }: Handshake): object {
  return path.startsWith('/_component') ? { component_templates: [] } : { index_templates: [] };
}
