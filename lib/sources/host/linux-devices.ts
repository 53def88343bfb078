import { readdir } from 'node:fs/promises';

const MOUNTS_MAX = 16;
/** Kinds with a size worth watching whose source is not below /dev. */
const SIZED_WITHOUT_DEVICE = new Set(['zfs', 'btrfs', 'bcachefs']);
/** Always full by nature. */
const READ_ONLY_IMAGES = new Set(['squashfs', 'iso9660', 'erofs']);
/** Stacks over other disks (mapper, RAID) would count every byte twice, and memory is no disk. */
const NOT_A_DISK = /^(loop|ram|zram|dm-|md|sr|fd|nbd)/;

/** The names of the whole disks: /sys/block lists no partitions, whatever the naming scheme of the driver. */
export async function physicalDisks(): Promise<ReadonlySet<string>> {
  const names = await readdir('/sys/block').catch(() => []);
  return new Set(names.filter((name) => !NOT_A_DISK.test(name)));
}

/**
 * The mount points of /proc/self/mounts that stand for a disk, one a device, at most 16. File servers are left out: a
 * dead one blocks whoever asks for its size. A container's files of /etc are bound from the host's disk and stand for
 * nothing of their own; its root (overlay) does.
 */
export function readableMounts(text: string): string[] {
  const byDevice = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [device = '', rawMount = '', type = ''] = line.split(' ');
    const mount = unescapeMount(rawMount);
    const isDisk = device.startsWith('/dev/') || SIZED_WITHOUT_DEVICE.has(type) || mount === '/';
    if (!isDisk || READ_ONLY_IMAGES.has(type) || mount.startsWith('/etc/')) continue;
    const known = byDevice.get(device);
    if (known === undefined || mount.length < known.length) byDevice.set(device, mount);
  }
  return [...byDevice.values()].slice(0, MOUNTS_MAX);
}

/** The kernel writes a space in a path as `\040` (proc_mounts, fstab(5)). */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
