import { describe, expect, it } from 'vitest';
import { readableMounts } from './linux-devices.ts';
import { parseDiskstats, parseMeminfo, parseNetDev, parseStat } from './proc-files.ts';

describe('The readers of /proc', () => {
  it('count waiting for a disk as idle and guest time once', () => {
    const stat = parseStat('cpu  100 10 50 800 40 0 0 0 30 5\ncpu0 100 10 50 800 40 0 0 0 30 5\nprocs_running 3\n');
    expect(stat.cpu).toEqual({ busy: 160, total: 1000 });
    expect(stat.cores.get(0)).toEqual({ busy: 160, total: 1000 });
    expect(stat.processesRunning).toBe(3);
  });

  it('keep the number of each core when one before it is switched off', () => {
    expect([...parseStat('cpu 1 1 1 1\ncpu0 1 1 1 1\ncpu3 1 1 1 1\n').cores.keys()]).toEqual([0, 3]);
  });

  it('leave memory and swap out where the file does not tell them', () => {
    expect(parseMeminfo('MemTotal:  2000 kB\n')).toEqual({});
    expect(parseMeminfo('MemTotal:  2000 kB\nMemAvailable:   500 kB\nSwapTotal: 8 kB\nSwapFree: 6 kB\n')).toEqual({
      memory: { totalBytes: 2000 * 1024, availableBytes: 500 * 1024 },
      swap: { totalBytes: 8192, usedBytes: 2048 },
    });
  });

  it('skip loopback, the ends of bridges and silent interfaces', () => {
    const counts = '0 0 0 0 0 0 0 7 0 0 0 0 0 0 0';
    const lines = ['lo: 5', 'eth0:42', 'veth1a: 9', 'docker0: 8', 'wlan0: 6'].map((start) => `${start} ${counts}`);
    const silent = `eth1: ${Array(16).fill(0).join(' ')}`;
    const found = parseNetDev(['Inter-| Receive', ' face |bytes', ...lines, silent].join('\n'));
    expect([...found]).toEqual([
      ['eth0', { receivedBytes: 42, sentBytes: 7 }],
      ['wlan0', { receivedBytes: 6, sentBytes: 7 }],
    ]);
  });

  it('add up whole disks without their partitions', () => {
    const text =
      ' 8 0 sda 1 0 10 0 1 0 20 0 0 0 0\n 8 1 sda1 1 0 10 0 1 0 20 0 0 0 0\n 8 16 sdb 1 0 1 0 1 0 2 0 0 0 0\n';
    expect(parseDiskstats(text, new Set(['sda', 'sdb']))).toEqual({ readBytes: 11 * 512, writtenBytes: 22 * 512 });
    expect(parseDiskstats(text, new Set(['vda']))).toBeUndefined();
  });

  it('take a device mounted twice once, at its shortest path, and no file server', () => {
    const text = [
      'overlay / overlay rw 0 0',
      '/dev/sda1 /etc/hosts ext4 rw 0 0',
      '/dev/sda1 /data/deep\\040er ext4 rw 0 0',
      '/dev/sda1 /data ext4 rw 0 0',
      '/dev/loop1 /snap/core squashfs ro 0 0',
      'files:/export /mnt nfs4 rw 0 0',
      'tank/home /home zfs rw 0 0',
    ].join('\n');
    expect(readableMounts(text)).toEqual(['/', '/data', '/home']);
    expect(readableMounts('/dev/sdb1 /my\\040disk ext4 rw 0 0')).toEqual(['/my disk']);
  });
});
