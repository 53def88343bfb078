#!/usr/bin/env node
// `npx tailrace`: the command line, built when it is not.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cli = new URL('../dist/cli.mjs', import.meta.url);
if (!existsSync(fileURLToPath(cli))) await (await import('./build.mjs')).buildCli();
const { main } = await import(cli.href);
process.exitCode = await main(process.argv.slice(2), process.env);
