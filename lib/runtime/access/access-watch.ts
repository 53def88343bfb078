import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { Logger } from '../logger.ts';
import type { WatchHub } from '../monitor/watch-hub.ts';
import type { Access } from './access.ts';

const EVERY_MS = 1000;
/** How often what another process has changed is looked for. */
const REFRESH_MS = 2000;

export type AccessWatchOptions = {
  readonly access: Access;
  readonly hub: StreamHub;
  readonly watchers: WatchHub;
  /** Another process decides, and this one reads what it has decided. */
  readonly isFollower: boolean;
  readonly idleMs: number;
  readonly owner: ResourceOwner;
  /** One whose lines do not go into the journal. */
  readonly log: Logger;
  readonly now: () => number;
};

/** Sees to it that whoever may not be here any more is not, and that what is known of who may is stored. */
export class AccessWatch {
  readonly #options: AccessWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #isBusy = false;
  #hasFailed = false;
  #refreshedMs = 0;

  constructor(options: AccessWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS).unref();
    options.owner.acquire('timer');
  }

  /** Ends every stream of those who may not be here any more; an open stream is a use of the login that it came by. */
  sweep(): void {
    const { hub, access, watchers, idleMs, now } = this.#options;
    const nowMs = now();
    for (const session of [...hub.sessions.values()]) {
      const { principal } = session.peer;
      if (!principal) continue;
      if (!access.isStanding(principal)) session.dismiss('token-expired');
      else if (principal.kind === 'session') {
        const login = access.book.sessions.get(principal.id.slice('session:'.length));
        if (login) access.keeper.touchSession(login, nowMs, idleMs);
      }
    }
    watchers.endThose((principal) => !access.isStanding(principal));
  }

  async close(): Promise<void> {
    const { owner, access, now, isFollower } = this.#options;
    clearInterval(this.#timer);
    owner.release('timer');
    if (!isFollower) await access.keeper.flush(now()).catch((error: unknown) => this.#tell(error));
    owner.close();
  }

  async #look(): Promise<void> {
    this.sweep();
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      await this.#keep();
      this.#hasFailed = false;
    } catch (error) {
      this.#tell(error);
    } finally {
      this.#isBusy = false;
    }
  }

  async #keep(): Promise<void> {
    const { access, isFollower, now } = this.#options;
    if (!isFollower) return access.keeper.flush(now());
    if (now() - this.#refreshedMs < REFRESH_MS) return undefined;
    this.#refreshedMs = now();
    if (await access.keeper.refresh()) this.sweep();
  }

  /** Once for each outage: it is tried again every second. */
  #tell(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.log.warn({ err: error }, 'who may come in could not be stored or read; what is known here counts');
  }
}
