import { ForwardLine } from './forward-line.ts';
import type { OpenListener } from './listener.ts';
import { SenderLines } from './sender-lines.ts';
import { TcpDoor } from './tcp-door.ts';

/** The Fluent forward protocol over TCP, as Fluentd, Fluent Bit, Docker and the libraries of both speak it. */
export const openForward: OpenListener = async (runtime, port, policy) => {
  const lines = new SenderLines(runtime, 'forward', policy);
  const tcp = new TcpDoor(lines, (socket, address) => new ForwardLine(lines, socket, address));
  try {
    const bound = await tcp.listen(port, runtime.config.host);
    const close = async (): Promise<void> => {
      await tcp.close();
      await lines.close();
    };
    return { port: bound, close };
  } catch (error) {
    await lines.close();
    throw error;
  }
};
