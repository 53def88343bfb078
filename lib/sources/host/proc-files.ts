import type { CpuTimes, DiskTrafficReading, MemoryReading, SwapReading, TrafficReading } from './host-reading.ts';

/** diskstats counts in sectors of 512 bytes whatever the disk's own are (kernel, Documentation/admin-guide/iostats). */
const SECTOR_BYTES = 512;
const INTERFACES_MAX = 16;
/** Ends of tunnels and bridges: their bytes pass a physical interface too and would be counted twice. */
const VIRTUAL_INTERFACE = /^(lo$|veth|docker|br-|virbr|cni|cali|flannel|ifb|dummy|tap|vnet)/;

export type StatReading = {
  readonly cpu?: CpuTimes;
  readonly cores: ReadonlyMap<number, CpuTimes>;
  readonly processesRunning?: number;
};

/** /proc/stat: processor time since boot, in all and for each core, and the tasks that run or could run. */
export function parseStat(text: string): StatReading {
  const cores = new Map<number, CpuTimes>();
  let cpu: CpuTimes | undefined;
  let processesRunning: number | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('cpu')) {
      const [name = '', ...counts] = line.trim().split(/\s+/);
      const times = cpuTimes(counts.map(Number));
      if (name === 'cpu') cpu = times;
      else cores.set(Number(name.slice(3)), times);
    } else if (line.startsWith('procs_running ')) {
      processesRunning = Number(line.slice(14));
    }
  }
  return { ...(cpu && { cpu }), cores, ...(processesRunning !== undefined && { processesRunning }) };
}

/** Waiting for a disk is not work, so iowait counts as idle; guest time is contained in user time already. */
function cpuTimes(counts: readonly number[]): CpuTimes {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = counts;
  const busy = user + nice + system + irq + softirq + steal;
  return { busy, total: busy + idle + iowait };
}

/** /proc/meminfo. "Available" is the kernel's own estimate; "free" alone would count the page cache as used. */
export function parseMeminfo(text: string): { memory?: MemoryReading; swap?: SwapReading } {
  const bytes = (key: string): number | undefined => {
    const match = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text);
    return match?.[1] === undefined ? undefined : Number(match[1]) * 1024;
  };
  const total = bytes('MemTotal');
  const available = bytes('MemAvailable');
  const swapTotal = bytes('SwapTotal');
  const swapFree = bytes('SwapFree');
  return {
    ...(total && available !== undefined && { memory: { totalBytes: total, availableBytes: available } }),
    ...(swapTotal !== undefined &&
      swapFree !== undefined && { swap: { totalBytes: swapTotal, usedBytes: swapTotal - swapFree } }),
  };
}

/** /proc/net/dev: the interfaces that have carried anything, at most 16. */
export function parseNetDev(text: string): Map<string, TrafficReading> {
  const interfaces = new Map<string, TrafficReading>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim();
    const counts = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    const [receivedBytes = 0, , , , , , , , sentBytes = 0] = counts;
    if (VIRTUAL_INTERFACE.test(name) || receivedBytes + sentBytes === 0) continue;
    if (interfaces.size < INTERFACES_MAX) interfaces.set(name, { receivedBytes, sentBytes });
  }
  return interfaces;
}

/** /proc/diskstats, summed over the given disks; undefined when none of them is listed. */
export function parseDiskstats(text: string, disks: ReadonlySet<string>): DiskTrafficReading | undefined {
  let found = false;
  let readSectors = 0;
  let writtenSectors = 0;
  for (const line of text.split('\n')) {
    const [, , name = '', , , sectorsRead, , , , sectorsWritten] = line.trim().split(/\s+/);
    if (!disks.has(name)) continue;
    found = true;
    readSectors += Number(sectorsRead);
    writtenSectors += Number(sectorsWritten);
  }
  return found ? { readBytes: readSectors * SECTOR_BYTES, writtenBytes: writtenSectors * SECTOR_BYTES } : undefined;
}
