import { open } from 'node:fs/promises';
import { BATCH_BYTES_MAX, composeBatch, cutLines } from '@/lib/cli/agent/batch.ts';
import { ByteWindow } from '@/lib/cli/agent/byte-window.ts';
import { PlainFileSource } from '@/lib/cli/agent/file-source.ts';

/** The reader of `tailrace tail FILE` without a server: `tail-file-stage <file> split|understand`. */
const [path = '', stage = ''] = process.argv.slice(2);
const file = await open(path, 'r');
const source = new PlainFileSource(file);
const window = new ByteWindow();
const origin = {
  service: undefined,
  serviceElse: 'app',
  attributes: { file: path },
  trustsWrapping: false,
  namesStream: true,
};
const startedMs = performance.now();
const startedCpu = process.cpuUsage();
const { size } = await file.stat();
let offset = 0;
/** Of the process when a tenth of the file was read: what is taken for good has been taken by then. */
let tenthBytes = 0;
for (;;) {
  if (tenthBytes === 0 && offset > size / 10) tenthBytes = process.memoryUsage.rss();
  window.seek(offset);
  const isMore = await window.fill(source, BATCH_BYTES_MAX);
  const rules = { format: 'plain', origin, nowMs: Date.now(), closesGroups: !isMore, takesRest: !isMore } as const;
  const next =
    stage === 'split'
      ? offset + (cutLines(window.view, !isMore, () => undefined).ends.at(-1) ?? 0)
      : (composeBatch(window.view, offset, rules)?.to ?? offset);
  if (next === offset) break;
  offset = next;
}
const seconds = (performance.now() - startedMs) / 1000;
const { user, system } = process.cpuUsage(startedCpu);
const cpuSeconds = ((user + system) / 1e6).toFixed(3);
const rssBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(
  `read: ${offset} bytes in ${seconds.toFixed(3)} s, cpu ${cpuSeconds} s, rss ${tenthBytes} after a tenth, at most ${rssBytes}\n`,
);
