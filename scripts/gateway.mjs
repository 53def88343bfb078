// `npm run gateway`: runs the streaming part alone, beside a server with the same data directory. Builds it when it must.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildServer, root } from './build.mjs';

if (process.argv.includes('--help')) {
  process.stdout.write(
    'npm run gateway   serves the streams of a server that uses the same TAILRACE_DATA_DIR. Settings: see README.md;\n' +
      'PORT is its own port, TAILRACE_UPSTREAM the address of the server.\n',
  );
  process.exit(0);
}
process.env.NODE_ENV = 'production';
// A second's work; only `npm start` has to look whether it is needed.
await buildServer();
process.chdir(root);
await import(pathToFileURL(join(root, 'dist', 'gateway.mjs')).href);
