import { cpus, loadavg, platform, uptime } from 'node:os';
import type { CpuTimes, HostReader, HostReading, TrafficReading } from './host-reading.ts';

const MOUNTS_MAX = 16;

/** What is asked of systeminformation, and no more than is read of its answers, so that a test can stand in for it. */
export type SystemInformation = {
  mem(): Promise<{ total: number; available: number; swaptotal: number; swapused: number }>;
  networkStats(): Promise<readonly { iface: string; rx_bytes: number; tx_bytes: number }[]>;
  fsSize(): Promise<readonly { mount: string; size: number; used: number; available: number }[]>;
  /** Typed as an object there, but null where the system has no such counters (Windows, the BSDs). */
  fsStats(): Promise<{ rx: number; wx: number } | null>;
  processes(): Promise<{ all: number; running: number }>;
};

/**
 * Every system but Linux: node:os each second (0.06 ms), systeminformation for the rest. Its calls start child
 * processes there (vm_stat, sysctl, df, netstat, ps; on Windows a PowerShell each), so they are asked rarely, and one
 * after the other lest they all start at once. How rarely is an
 * estimate: the cost was measured on Linux only.
 */
export function createPortableReader(load = loadSystemInformation): HostReader {
  let loading: Promise<SystemInformation> | undefined;
  return {
    slowEveryMs: platform() === 'win32' ? 60_000 : 15_000,

    quick() {
      const cores = new Map<number, CpuTimes>();
      let busy = 0;
      let total = 0;
      for (const [index, { times }] of cpus().entries()) {
        const coreBusy = times.user + times.nice + times.sys + times.irq;
        cores.set(index, { busy: coreBusy, total: coreBusy + times.idle });
        busy += coreBusy;
        total += coreBusy + times.idle;
      }
      return {
        atMs: performance.now(),
        ...(total > 0 && { cpu: { busy, total }, cores }),
        // Windows has no load average; Node answers [0, 0, 0] there.
        ...(platform() !== 'win32' && { load: loadavg() }),
        uptimeS: uptime(),
      };
    },

    async slow(): Promise<HostReading> {
      loading ??= load();
      const information = await loading;
      return {
        ...(await readMemory(information)),
        ...(await readNetwork(information)),
        ...(await readDisks(information)),
        ...(await readProcesses(information)),
        atMs: performance.now(),
      };
    },
  };
}

/** Loaded on first use: some twenty modules that Linux never needs. */
async function loadSystemInformation(): Promise<SystemInformation> {
  const { default: information } = await import('systeminformation');
  return information;
}

type Part = Omit<HostReading, 'atMs'>;

async function readMemory(information: SystemInformation): Promise<Part> {
  const memory = await information.mem().catch(() => undefined);
  if (!memory || !(memory.total > 0)) return {};
  return {
    memory: { totalBytes: memory.total, availableBytes: memory.available },
    ...(memory.swaptotal > 0 && { swap: { totalBytes: memory.swaptotal, usedBytes: memory.swapused } }),
  };
}

/** Asked without a name it answers for the default interface; zeros mean that it found none. */
async function readNetwork(information: SystemInformation): Promise<Part> {
  const stats = await information.networkStats().catch(() => []);
  const network = new Map<string, TrafficReading>();
  for (const { iface, rx_bytes: receivedBytes, tx_bytes: sentBytes } of stats) {
    if (iface && receivedBytes + sentBytes > 0) network.set(iface, { receivedBytes, sentBytes });
  }
  return network.size > 0 ? { network } : {};
}

async function readDisks(information: SystemInformation): Promise<Part> {
  const sizes = await information.fsSize().catch(() => []);
  const traffic = await information.fsStats().catch(() => null);
  const mounts = sizes
    .filter(({ size }) => size > 0)
    .slice(0, MOUNTS_MAX)
    .map(({ mount, size, used, available }) => ({
      mount,
      totalBytes: size,
      usedBytes: used,
      availableBytes: available,
    }));
  return {
    ...(mounts.length > 0 && { mounts }),
    ...(traffic && traffic.rx + traffic.wx > 0 && { diskTraffic: { readBytes: traffic.rx, writtenBytes: traffic.wx } }),
  };
}

async function readProcesses(information: SystemInformation): Promise<Part> {
  const list = await information.processes().catch(() => undefined);
  return {
    ...(list && list.all > 0 && { processesTotal: list.all }),
    // Not one running process, not even the one that asks: the system does not tell.
    ...(list && list.running > 0 && { processesRunning: list.running }),
  };
}
