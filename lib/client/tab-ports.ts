/** The two powers that make many tabs share one stream, as small ports: a test runs all its tabs in one process. */
export type TabPorts = { readonly locks: LockPort; readonly channel: ChannelPort };

export type LockEvents = {
  readonly steal?: boolean;
  readonly onHeld?: () => void;
  /** Another tab has taken the lock by force. */
  readonly onLost?: () => void;
  /** The browser gives no locks here, as in a frame without an origin. */
  readonly onRefused?: () => void;
};

export type LockPort = {
  /** Waits for the lock and holds it until the returned function is called, which also ends the waiting. */
  hold(name: string, events: LockEvents): () => void;
  /** The names of all locks held by any tab. */
  held(): Promise<ReadonlySet<string>>;
};

export type ChannelPort = {
  post(message: unknown): void;
  /** Only messages of other tabs arrive. */
  listen(onMessage: (data: unknown) => void): void;
  close(): void;
};

/** Undefined where the browser has no Web Locks (they need a secure context) or no BroadcastChannel. */
export function browserTabPorts(channelName: string): TabPorts | undefined {
  if (typeof navigator === 'undefined' || !navigator.locks || typeof BroadcastChannel === 'undefined') return undefined;
  return { locks: browserLocks(navigator.locks), channel: browserChannel(channelName) };
}

export function browserLocks(locks: Pick<LockManager, 'request' | 'query'>): LockPort {
  return {
    hold(name, { onHeld, onLost, onRefused, steal = false }) {
      const wait = new AbortController();
      let done: () => void = () => undefined;
      let released = false;
      const work = new Promise<void>((resolve) => {
        done = resolve;
      });
      const request = locks.request(name, steal ? { steal } : { signal: wait.signal }, () => {
        if (!released) onHeld?.();
        return work;
      });
      // Rejected by the abort below, which is this tab's own wish, or because the lock was stolen.
      request.catch((error: unknown) => {
        if (released) return;
        if (error instanceof DOMException && error.name === 'AbortError') onLost?.();
        else onRefused?.();
      });
      return () => {
        released = true;
        wait.abort();
        done();
      };
    },
    async held() {
      const { held } = await locks.query();
      return new Set((held ?? []).flatMap((lock) => (lock.name === undefined ? [] : [lock.name])));
    },
  };
}

function browserChannel(name: string): ChannelPort {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen(onMessage) {
      channel.onmessage = (event) => onMessage(event.data);
    },
    close: () => channel.close(),
  };
}
