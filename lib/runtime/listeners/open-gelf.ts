import { ChunkBook, isChunk } from '@/lib/ingest/gelf/chunk-book.ts';
import { gelfEvent } from '@/lib/ingest/gelf/gelf-event.ts';
import { GELF_BYTES_MAX, inflateGelf } from '@/lib/ingest/gelf/inflate-gelf.ts';
import { Refused } from '@/lib/ingest/http-protocol.ts';
import { NulFramer } from '@/lib/ingest/nul-framer.ts';
import { bindPorts } from './bind-ports.ts';
import { FramedLine } from './framed-line.ts';
import type { OpenListener } from './listener.ts';
import type { SenderLine } from './sender-line.ts';
import { SenderLines } from './sender-lines.ts';
import { TcpDoor } from './tcp-door.ts';
import { UdpDoor } from './udp-door.ts';

/** GELF by UDP, in chunks and compressed, and by TCP, where each message ends with a NUL, on one port. */
export const openGelf: OpenListener = async (runtime, port, policy) => {
  const lines = new SenderLines(runtime, 'gelf', policy);
  const push = (line: SenderLine, raw: Buffer, length: number): void => {
    const bytes = length > raw.length ? tooLong(length) : inflateGelf(raw);
    line.push(bytes instanceof Refused ? bytes : gelfEvent(bytes, policy.understand), raw.length);
  };
  const chunks = new ChunkBook((address, says) => udp.lineOf(address)?.push(new Refused(says), 0));
  const udp: UdpDoor = new UdpDoor(lines, (line, datagram, nowMs) => {
    const whole = isChunk(datagram) ? chunks.take(line.address, datagram, nowMs) : datagram;
    if (whole === 'waiting') return;
    if ('says' in whole) line.push(new Refused(whole.says), datagram.length);
    else push(line, whole, whole.length);
  });
  lines.onSweep((nowMs) => chunks.expire(nowMs));
  const tcp = new TcpDoor(
    lines,
    (_socket, address) =>
      new FramedLine(lines, address, new NulFramer(GELF_BYTES_MAX), (line, { bytes, length }) =>
        push(line, bytes, length),
      ),
  );
  try {
    const bound = await bindPorts(tcp, udp, port, runtime.config.host);
    const close = async (): Promise<void> => {
      await Promise.all([udp.close(), tcp.close()]);
      chunks.close();
      await lines.close();
    };
    return { port: bound, close };
  } catch (error) {
    await lines.close();
    throw error;
  }
};

function tooLong(length: number): Refused {
  return new Refused(`expected a GELF message of at most ${GELF_BYTES_MAX} bytes, got ${length}`);
}
