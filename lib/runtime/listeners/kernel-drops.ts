import { readFile } from 'node:fs/promises';

/**
 * Datagrams that the kernel has dropped at a UDP port, since its socket's buffer was full. Linux counts them for each
 * socket; undefined elsewhere.
 */
export async function kernelDrops(port: number): Promise<number | undefined> {
  const tables = await Promise.all(
    ['/proc/net/udp', '/proc/net/udp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  return dropsIn(tables.join('\n'), port);
}

/** Lines of /proc/net/udp: number, address:port in hexadecimal, …, drops. */
export function dropsIn(table: string, port: number): number | undefined {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  let drops: number | undefined;
  for (const line of table.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (!fields[1]?.endsWith(`:${hexPort}`)) continue;
    const count = Number(fields.at(-1));
    if (Number.isFinite(count)) drops = (drops ?? 0) + count;
  }
  return drops;
}
