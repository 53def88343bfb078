import { MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import type { Frame } from '@/lib/ingest/frame-buffer.ts';
import { syslogEvent } from '@/lib/ingest/syslog/syslog-event.ts';
import { SyslogFramer } from '@/lib/ingest/syslog/syslog-framer.ts';
import { bindPorts } from './bind-ports.ts';
import { FramedLine } from './framed-line.ts';
import type { OpenListener } from './listener.ts';
import type { SenderLine } from './sender-line.ts';
import { SenderLines } from './sender-lines.ts';
import { TcpDoor } from './tcp-door.ts';
import { UdpDoor } from './udp-door.ts';

/** Syslog, RFC 5424 and RFC 3164, by UDP (RFC 5426) and TCP (RFC 6587) on one port. */
export const openSyslog: OpenListener = async (runtime, port, policy) => {
  const lines = new SenderLines(runtime, 'syslog', policy);
  const { understand } = policy;
  const push = (line: SenderLine, { bytes, length }: Frame, nowMs: number): void => {
    const read = syslogEvent(bytes, length, { nowMs, understand });
    if (!read) return;
    if (read.isCut) line.reception.sender.truncated += 1;
    line.push(read.event, bytes.length);
  };
  const udp = new UdpDoor(lines, (line, bytes, nowMs) => push(line, { bytes, length: bytes.length }, nowMs));
  const tcp = new TcpDoor(
    lines,
    (_socket, address) => new FramedLine(lines, address, new SyslogFramer(MESSAGE_BYTES_MAX), push),
  );
  try {
    const bound = await bindPorts(tcp, udp, port, runtime.config.host);
    const close = async (): Promise<void> => {
      await Promise.all([udp.close(), tcp.close()]);
      await lines.close();
    };
    return { port: bound, close };
  } catch (error) {
    await lines.close();
    throw error;
  }
};
