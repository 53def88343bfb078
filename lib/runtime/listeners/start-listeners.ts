import type { ListenerName } from '@/lib/config/config.ts';
import type { Runtime } from '../create-runtime.ts';
import { StartFailure } from '../start-failure.ts';
import { type Listener, type ListenerPolicy, OPEN_POLICY } from './listener.ts';
import { openForward } from './open-forward.ts';
import { openGelf } from './open-gelf.ts';
import { openSyslog } from './open-syslog.ts';
import { openOtlp } from './otlp-listener.ts';

type Open = (runtime: Runtime, port: number, policy: ListenerPolicy) => Promise<Listener>;

/** Each by the name of its setting, `TAILRACE_<NAME>_PORT`. */
const OPENERS: Readonly<Record<ListenerName, Open>> = {
  otlp: openOtlp,
  syslog: openSyslog,
  gelf: openGelf,
  forward: openForward,
};

export type Listeners = {
  /** Those that are open. */
  readonly ports: Readonly<Partial<Record<ListenerName, number>>>;
  close(): Promise<void>;
};

/** Opens those that the settings ask for. Throws StartFailure, naming the setting, when a port cannot be had. */
export async function startListeners(runtime: Runtime): Promise<Listeners> {
  const policy: ListenerPolicy = {
    ...OPEN_POLICY,
    mayReach: (address) => runtime.access.mayReach(address),
    forwardSharedKey: () => runtime.config.access.forwardSharedKey,
  };
  const opened: Listener[] = [];
  const ports: Partial<Record<ListenerName, number>> = {};
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((listener) => listener.close()));
  };
  for (const [name, port] of Object.entries(runtime.config.listenerPorts) as [ListenerName, number | undefined][]) {
    const open = OPENERS[name];
    if (port === undefined) continue;
    try {
      const listener = await open(runtime, port, policy);
      opened.push(listener);
      ports[name] = runtime.openPorts[name] = listener.port;
    } catch (error) {
      await close();
      throw new StartFailure(explain(name, port, error as NodeJS.ErrnoException));
    }
  }
  return { ports, close };
}

function explain(name: ListenerName, port: number, { code, message }: NodeJS.ErrnoException): string {
  const says = code === 'EADDRINUSE' ? 'is in use' : `cannot be had (${message})`;
  return `${name}: port ${port} ${says}; choose another port, or "off", with TAILRACE_${name.toUpperCase()}_PORT=…`;
}
