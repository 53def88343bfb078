import { main } from '@/lib/cli/main.ts';

/** The command as it is, and what it cost. */
const startedMs = performance.now();
const code = await main(process.argv.slice(2), process.env);
const seconds = ((performance.now() - startedMs) / 1000).toFixed(3);
process.stdout.write(`sent in ${seconds} s, peak ${process.resourceUsage().maxRSS * 1024} bytes, code ${code}\n`);
