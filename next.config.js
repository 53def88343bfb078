import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

const ELASTIC_NAMES =
  '_bulk|_license|_xpack|_cluster|_nodes|_index_template|_component_template|_template|_ilm|_ingest|_data_stream|_alias|_logstash';

/**
 * Elasticsearch's paths: all under a prefix, its own names at the root, and the rest of the root for the official clients,
 * which say who they are. Shippers are known by their names where they ask who is there, but one may scrape /metrics too.
 */
const elasticRewrites = [
  ...['/elasticsearch/:path*', '/insert/elasticsearch/:path*'].map((source) => ({
    source,
    destination: '/api/elasticsearch/:path*',
  })),
  { source: `/:name(${ELASTIC_NAMES})/:path*`, destination: '/api/elasticsearch/:name/:path*' },
  { source: '/:index(_all|[^/_][^/]*)/:name(_bulk|_refresh)', destination: '/api/elasticsearch/:index/:name' },
  {
    source: '/:path((?!api/|elasticsearch|insert/).*)',
    has: [{ type: 'header', key: 'x-elastic-client-meta' }],
    destination: '/api/elasticsearch/:path',
  },
  {
    source: '/',
    has: [{ type: 'header', key: 'user-agent', value: '(?:[Ee]lastic|[Ll]ogstash).*' }],
    destination: '/api/elasticsearch',
  },
];

/**
 * A browser that opens a page says so, or Next's own code does on the way from page to page; as in `proxy.ts`.
 * @type {import('next/dist/lib/load-custom-routes').RouteHas[]}
 */
const PAGE_SIGNS = [
  { type: 'header', key: 'accept', value: '.*text/html.*' },
  { type: 'header', key: 'rsc' },
];

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // There are no pictures to make smaller, and no door for who would have some fetched.
  images: { unoptimized: true },
  // Clients of Elasticsearch ask for `/elasticsearch/` and `/_bulk/`, and follow no redirection.
  skipTrailingSlashRedirect: true,
  // `npm run verify` checks the types; whoever just starts Tailrace need not wait for that.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: here },
  // Native or worker-bound: loaded from node_modules as they are.
  serverExternalPackages: [
    '@prisma/client',
    '@prisma/adapter-libsql',
    '@libsql/client',
    'libsql',
    'pino',
    'prom-client',
    'protobufjs',
    'snappy',
    'systeminformation',
  ],
  outputFileTracingIncludes: { '/**': ['./prisma/migrations/**', './dist/history-worker.mjs'] },
  async headers() {
    const always = [
      { key: 'X-Content-Type-Options', value: 'nosniff' },
      { key: 'Referrer-Policy', value: 'same-origin' },
      { key: 'X-Frame-Options', value: 'DENY' },
      { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
    ];
    // `proxy.ts` gives pages a policy of their own; whatever else is asked for, and shown as a page all the same, may do nothing.
    const inert = [{ key: 'Content-Security-Policy', value: "default-src 'none'; frame-ancestors 'none'" }];
    return [
      { source: '/:path*', headers: always },
      { source: '/:path((?!_next/static).*)', missing: PAGE_SIGNS, headers: inert },
      { source: '/api/:path*', headers: inert },
    ];
  },
  async rewrites() {
    return {
      // One address, two readers: a browser gets the page, Prometheus (and curl) the text that DESIGN promises at /metrics.
      beforeFiles: [
        {
          source: '/metrics',
          destination: '/api/prometheus',
          missing: PAGE_SIGNS,
        },
        ...elasticRewrites,
      ],
    };
  },
};
