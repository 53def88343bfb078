import { EXIT } from '../tail.ts';
import { AgentVoice } from './agent-voice.ts';
import { BatchPoster, GaveUp } from './batch-poster.ts';
import { FileFollower } from './file-follower.ts';
import { FileMemory } from './file-memory.ts';
import type { Begin } from './file-record.ts';
import { FileSet } from './file-set.ts';
import type { FollowOptions } from './follow-options.ts';
import { OnceReport } from './once-report.ts';
import { pause } from './pause.ts';
import { SendTotals } from './send-totals.ts';
import { sourceName } from './source-name.ts';
import { Turns } from './turns.ts';
import { WatchedPaths } from './watched-paths.ts';

const POLL_MS = 200;
/** After an error of the disk. */
const FAILED_MS = 1_000;
const UNDER_WAY_MAX = 4;

export type FollowIo = {
  readonly tell: (sentence: string) => void;
  /** Replaces the last line of a terminal; undefined where there is none. */
  readonly progress: ((text: string) => void) | undefined;
  readonly signal: AbortSignal;
};

/** Sends files until told to stop, or once; resolves to the exit code. */
export async function follow(options: FollowOptions, io: FollowIo): Promise<number> {
  const following = new Following(options, io);
  return options.once ? following.once() : following.forEver();
}

class Following {
  readonly #options: FollowOptions;
  readonly #io: FollowIo;
  readonly #voice: AgentVoice;
  readonly #poster: BatchPoster;
  readonly #totals: SendTotals;
  readonly #paths: WatchedPaths;
  readonly #files: FileSet;
  readonly #turns = new Turns(UNDER_WAY_MAX);
  readonly #running = new Set<Promise<void>>();
  /** Aborted when told to stop, and when the server was away for too long. */
  readonly #stop = new AbortController();
  #hasGivenUp = false;
  #hasFailed = false;

  constructor(options: FollowOptions, io: FollowIo) {
    const { url, token, waitMs, files, stateDir, forget, fromStart, once } = options;
    this.#options = options;
    this.#io = io;
    io.signal.addEventListener('abort', () => this.#stop.abort(), { once: true });
    if (io.signal.aborted) this.#stop.abort();
    this.#voice = new AgentVoice(url, io.tell);
    this.#poster = new BatchPoster({ url, token, waitMs, voice: this.#voice, signal: this.#stop.signal });
    this.#totals = new SendTotals(this.#voice);
    const tell = (sentence: string): void => this.#voice.say(sentence);
    this.#paths = new WatchedPaths(files, tell, !once);
    const memory = new FileMemory(stateDir, url, forget);
    this.#files = new FileSet({
      paths: this.#paths,
      memory,
      begin: fromStart || once ? 'start' : 'end',
      open: (path, name, begin) => this.#open(path, name, begin, memory),
      onOpened: (follower, before) => this.#start(follower, before),
      tell,
      now: () => performance.now(),
    });
  }

  async forEver(): Promise<number> {
    const { signal } = this.#stop;
    await this.#files.look();
    this.#voice.say(`sending ${this.#options.files.join(', ')} to ${this.#options.url}`);
    while (!signal.aborted) {
      await pause(POLL_MS, signal);
      await this.#files.look();
    }
    await this.#end();
    return this.#hasGivenUp ? EXIT.failed : EXIT.done;
  }

  async once(): Promise<number> {
    await this.#files.look();
    const report = new OnceReport(this.#totals, [...this.#files.followers.values()], this.#io.progress);
    await this.#end();
    report.close();
    if (this.#io.signal.aborted) return EXIT.done;
    this.#voice.say(report.summary());
    const isWhole = !this.#hasGivenUp && !this.#hasFailed && this.#paths.isComplete && this.#files.isComplete;
    return isWhole ? EXIT.done : EXIT.failed;
  }

  async #end(): Promise<void> {
    await Promise.all(this.#running);
    this.#voice.tellUntold();
    if (!this.#hasGivenUp) return;
    this.#voice.say(`gave up: ${this.#options.url} took nothing for ${(this.#options.waitMs ?? 0) / 1000} s`);
  }

  async #open(path: string, name: string, begin: Begin, memory: FileMemory): Promise<FileFollower> {
    const { service, once, format } = this.#options;
    const { service: serviceElse, attributes } = await sourceName(name);
    const own = { ...attributes, file: name };
    const origin = { service, serviceElse, attributes: own, trustsWrapping: false, namesStream: true };
    const tell = (sentence: string): void => this.#voice.say(sentence);
    const [poster, totals] = [this.#poster, this.#totals];
    const options = { path, name, begin, once, format, origin, memory, poster, totals, tell };
    return FileFollower.open(options, performance.now());
  }

  #start(follower: FileFollower, before: FileFollower | undefined): void {
    const running = this.#run(follower, before).catch((error: unknown) => {
      if (error instanceof GaveUp) this.#hasGivenUp = true;
      else if (!this.#stop.signal.aborted) this.#voice.say(`unexpected: ${String(error)}`);
      this.#stop.abort();
    });
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  async #run(follower: FileFollower, before: FileFollower | undefined): Promise<void> {
    const { signal } = this.#stop;
    // The lines of a rotated file come before those of the one that took its name.
    while (before && !before.isDrained && !before.isDone && !signal.aborted) await pause(POLL_MS, signal);
    let told = '';
    try {
      while (!signal.aborted && !follower.isDone) {
        try {
          if (await this.#turn(follower)) await pause(POLL_MS, signal);
        } catch (error) {
          if (error instanceof GaveUp || signal.aborted) throw error;
          const says = `${follower.path}: ${error instanceof Error ? error.message : String(error)}`;
          if (says !== told) this.#voice.say(says);
          told = says;
          this.#hasFailed = this.#options.once;
          if (this.#hasFailed) return;
          await pause(FAILED_MS, signal);
        }
      }
    } finally {
      await follower.close();
      this.#files.forget(follower);
    }
  }

  /** Resolves to whether there is nothing more to do for now. */
  async #turn(follower: FileFollower): Promise<boolean> {
    const end = await follower.due(performance.now());
    return end === undefined || (await this.#turns.take((window) => follower.turn(window, end)));
  }
}
