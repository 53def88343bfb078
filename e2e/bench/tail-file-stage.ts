import { open } from 'node:fs/promises';
import { BATCH_BYTES_MAX, composeBatch, splitLines } from '@/lib/cli/agent/batch.ts';
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
let offset = 0;
for (;;) {
  window.seek(offset);
  const isMore = await window.fill(source, BATCH_BYTES_MAX);
  const rules = { format: 'plain', origin, nowMs: Date.now(), closesGroups: !isMore, takesRest: !isMore } as const;
  const next =
    stage === 'split'
      ? offset + splitLines(window.view, rules)
      : (composeBatch(window.view, offset, rules)?.to ?? offset);
  if (next === offset) break;
  offset = next;
}
process.stdout.write(`read: ${offset} bytes in ${((performance.now() - startedMs) / 1000).toFixed(3)} s\n`);
// Until it has been looked at.
setTimeout(() => undefined, 3_000);
