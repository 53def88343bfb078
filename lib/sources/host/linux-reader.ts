import { readFileSync } from 'node:fs';
import { readdir, statfs } from 'node:fs/promises';
import { loadavg, uptime } from 'node:os';
import type { DiskTrafficReading, HostReader, HostReading, MountReading } from './host-reading.ts';
import { physicalDisks, readableMounts } from './linux-devices.ts';
import { parseDiskstats, parseMeminfo, parseNetDev, parseStat } from './proc-files.ts';

/**
 * Linux, read straight from /proc. Measured on two cores: systeminformation starts a shell for nearly every call
 * (currentLoad, fsSize, fsStats, networkStats, processes: 5 to 16 ms of CPU the first time, 2 ms and more again, the
 * children's own time not counted), the files themselves cost 0.05 ms each. They are read synchronously on purpose:
 * the kernel answers from memory, and a promise of node:fs costs ten times the read (0.4–0.8 ms). What can wait for a
 * device (statfs) or grows with the machine (the list of processes) is asynchronous and rare. The whole source takes
 * 0.24 % of a core.
 */
export function createLinuxReader(): HostReader {
  let disks: ReadonlySet<string> | undefined;
  return {
    slowEveryMs: 10_000,

    quick() {
      const stat = attempt(() => parseStat(proc('stat')));
      const memory = attempt(() => parseMeminfo(proc('meminfo')));
      const network = attempt(() => parseNetDev(proc('net/dev')));
      const diskTraffic = attempt(() => diskTrafficOf(disks));
      return {
        atMs: performance.now(),
        ...stat,
        ...memory,
        ...(network && { network }),
        ...(diskTraffic && { diskTraffic }),
        load: loadavg(),
        uptimeS: uptime(),
      };
    },

    async slow(): Promise<HostReading> {
      disks = await physicalDisks();
      const processesTotal = await countProcesses();
      const mounts = await readMounts();
      return {
        atMs: performance.now(),
        ...(processesTotal !== undefined && { processesTotal }),
        ...(mounts.length > 0 && { mounts }),
      };
    },
  };
}

function proc(name: string): string {
  return readFileSync(`/proc/${name}`, 'latin1');
}

/** Containers hide some of these files, each on its own. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function diskTrafficOf(disks: ReadonlySet<string> | undefined): DiskTrafficReading | undefined {
  return disks && disks.size > 0 ? parseDiskstats(proc('diskstats'), disks) : undefined;
}

async function countProcesses(): Promise<number | undefined> {
  const names = await readdir('/proc').catch(() => []);
  const count = names.filter((name) => /^\d+$/.test(name)).length;
  return count > 0 ? count : undefined;
}

/** One after the other: a file server that is gone then holds one thread of libuv's pool, not all of them. */
async function readMounts(): Promise<MountReading[]> {
  const mounts: MountReading[] = [];
  for (const mount of readableMounts(attempt(() => proc('self/mounts')) ?? '')) {
    const sizes = await statfs(mount).catch(() => undefined);
    if (!sizes || sizes.blocks === 0) continue;
    mounts.push({
      mount,
      totalBytes: sizes.blocks * sizes.bsize,
      usedBytes: (sizes.blocks - sizes.bfree) * sizes.bsize,
      availableBytes: sizes.bavail * sizes.bsize,
    });
  }
  return mounts;
}
