import type { FanOutGroup } from './fan-out-group.ts';
import { TickPace } from './tick-pace.ts';

export type FanOutLoopOptions = {
  readonly groups: ReadonlyMap<string, FanOutGroup>;
  now(): number;
  headSeq(): number;
  /** Streams opened since the start. */
  opened(): number;
};

/**
 * Work in one turn of the event loop at most. Writing to ten thousand sockets takes a third of a second; in one piece it
 * would hold up commits, acknowledgements and new streams for as long.
 */
const TURN_MS_MAX = 25;
/**
 * Node takes one new connection a turn (libuv 1.46), so a crowd comes in slowly while each turn does its share of a round.
 * While streams are being opened turn after turn the next round waits, but not for longer than this.
 */
const ARRIVALS_MS_MAX = 100;

type Round = {
  readonly groups: IterableIterator<FanOutGroup>;
  /** The head when it began: what comes later is for the next round, or the first group would never be done. */
  readonly upTo: number;
  readonly startedAt: number;
  group: FanOutGroup | undefined;
};

/** Walks all groups to the head of the journal, round after round, at a pace that lengthens under load. */
export class FanOutLoop {
  readonly #options: FanOutLoopOptions;
  readonly #pace = new TickPace();
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #openedBefore = 0;
  #heldBackSince: number | undefined;

  constructor(options: FanOutLoopOptions) {
    this.#options = options;
  }

  /** There is something new in the journal. */
  wake(): void {
    if (this.#timer || this.#immediate || this.#options.groups.size === 0) return;
    this.#timer = setTimeout(() => this.#begin(), this.#pace.waitMs(performance.now()));
  }

  /** What clients send waits behind what is sent to them. */
  get isOverrun(): boolean {
    return this.#pace.isOverrun(performance.now());
  }

  lengthen(on: boolean): void {
    this.#pace.lengthen(on);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #begin(): void {
    this.#timer = undefined;
    this.#immediate = undefined;
    const startedAt = performance.now();
    if (this.#letIn(startedAt)) {
      this.#immediate = setImmediate(() => this.#begin());
      return;
    }
    const { groups, headSeq } = this.#options;
    const walk = groups.values();
    this.#turn({ groups: walk, upTo: headSeq(), startedAt, group: walk.next().value });
  }

  /** True while streams are being opened turn after turn, for a bounded time. */
  #letIn(now: number): boolean {
    const opened = this.#options.opened();
    const arriving = opened > this.#openedBefore;
    this.#openedBefore = opened;
    this.#heldBackSince ??= now;
    if (arriving && now - this.#heldBackSince < ARRIVALS_MS_MAX) return true;
    this.#heldBackSince = undefined;
    return false;
  }

  #turn(round: Round): void {
    this.#immediate = undefined;
    const overAt = performance.now() + TURN_MS_MAX;
    const isOver = (): boolean => performance.now() > overAt;
    for (; round.group; round.group = round.groups.next().value) {
      while (round.group.advance(this.#options.now(), round.upTo, isOver)) {
        if (!isOver()) continue;
        this.#immediate = setImmediate(() => this.#turn(round));
        return;
      }
    }
    this.#pace.ran(round.startedAt, performance.now());
    if (this.#options.headSeq() > round.upTo) this.wake();
  }
}
