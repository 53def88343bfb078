import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
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
    'systeminformation',
  ],
  outputFileTracingIncludes: { '/**': ['./prisma/migrations/**', './dist/history-worker.mjs'] },
  async headers() {
    const always = [
      { key: 'X-Content-Type-Options', value: 'nosniff' },
      { key: 'Referrer-Policy', value: 'same-origin' },
    ];
    return [{ source: '/:path*', headers: always }];
  },
  async rewrites() {
    return {
      // One address, two readers: a browser gets the page, Prometheus (and curl) the text that DESIGN promises at /metrics.
      beforeFiles: [
        {
          source: '/metrics',
          destination: '/api/prometheus',
          missing: [
            { type: 'header', key: 'accept', value: '.*text/html.*' },
            { type: 'header', key: 'rsc' },
          ],
        },
      ],
    };
  },
};
