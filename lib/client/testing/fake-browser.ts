import type { TabPorts } from '../tab-ports.ts';

type Waiting = { tab: string; onHeld?: () => void; onLost?: () => void };

/** Locks and channel of one browser, for many tabs in one process; messages arrive later and as copies. */
export class FakeBrowser {
  #queues = new Map<string, Waiting[]>();
  #listeners = new Map<object, { tab: string; onMessage: (data: unknown) => void }>();
  /** Tabs that neither hear nor say anything, but keep their locks. */
  readonly frozen = new Set<string>();

  ports(tab: string): TabPorts {
    const channel = {};
    return {
      locks: {
        hold: (name, { onHeld, onLost, steal }) => {
          const waiting = { tab, ...(onHeld && { onHeld }), ...(onLost && { onLost }) };
          const queue = this.#queue(name);
          if (steal) {
            const holder = queue.shift();
            queue.unshift(waiting);
            queueMicrotask(() => holder?.onLost?.());
          } else queue.push(waiting);
          if (queue[0] === waiting) queueMicrotask(() => queue[0] === waiting && waiting.onHeld?.());
          return () => this.#release(name, waiting);
        },
        held: async () => new Set([...this.#queues].filter(([, queue]) => queue.length > 0).map(([name]) => name)),
      },
      channel: {
        post: (message) => {
          if (this.frozen.has(tab)) return;
          const copy = structuredClone(message);
          queueMicrotask(() => {
            for (const [key, listener] of [...this.#listeners]) {
              if (key !== channel && !this.frozen.has(listener.tab)) listener.onMessage(structuredClone(copy));
            }
          });
        },
        listen: (onMessage) => this.#listeners.set(channel, { tab, onMessage }),
        close: () => this.#listeners.delete(channel),
      },
    };
  }

  /** The tab's process ends: its locks and its channel go without a word. */
  crash(tab: string): void {
    for (const [key, listener] of [...this.#listeners]) {
      if (listener.tab === tab) this.#listeners.delete(key);
    }
    for (const [name, queue] of this.#queues) {
      for (const waiting of queue.filter((one) => one.tab === tab)) this.#release(name, waiting);
    }
  }

  #queue(name: string): Waiting[] {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    return queue;
  }

  #release(name: string, waiting: Waiting): void {
    const queue = this.#queue(name);
    const index = queue.indexOf(waiting);
    if (index < 0) return;
    queue.splice(index, 1);
    const next = queue[0];
    if (index === 0 && next) queueMicrotask(() => queue[0] === next && next.onHeld?.());
  }
}
