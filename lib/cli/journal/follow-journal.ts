import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { AgentVoice } from '../agent/agent-voice.ts';
import { BatchPoster, GaveUp } from '../agent/batch-poster.ts';
import type { FollowIo } from '../agent/follow.ts';
import type { FollowOptions } from '../agent/follow-options.ts';
import { pause } from '../agent/pause.ts';
import { LockTaken } from '../agent/process-lock.ts';
import { SendTotals } from '../agent/send-totals.ts';
import { EXIT } from '../tail.ts';
import { EntryLines } from './entry-lines.ts';
import { entryEvents, type JournalEntry, parseEntry } from './journal-entry.ts';
import { JournalMemory, type RememberedJournal } from './journal-memory.ts';

const ENTRIES_MAX = 1000;
const AGAIN_MS = 2_000;
const SAYS_CHARS_MAX = 500;

/** Sends what systemd's journal holds and gets, as `journalctl` tells it; resolves to the exit code. */
export async function followJournal(
  options: FollowOptions,
  { units }: { readonly units: readonly string[] },
  io: FollowIo,
): Promise<number> {
  const voice = new AgentVoice(options.url, io.tell);
  let memory: JournalMemory;
  try {
    memory = await JournalMemory.open(options.stateDir, options.url, units);
  } catch (error) {
    voice.say(error instanceof LockTaken ? `sent already: ${error.message}` : `--state: ${String(error)}`);
    return EXIT.failed;
  }
  try {
    const known = options.forget ? undefined : await memory.load();
    const place = known ?? (await beginning(options, memory));
    const sending = new JournalSending(options, units, io, voice, memory, place);
    return options.once ? await sending.once() : await sending.forEver();
  } catch (error) {
    if (io.signal.aborted) return EXIT.done;
    if (!(error instanceof GaveUp)) throw error;
    voice.say(`gave up: ${options.url} took nothing for ${(options.waitMs ?? 0) / 1000} s`);
    return EXIT.failed;
  } finally {
    voice.tellUntold();
    await memory.close();
  }
}

/** Where nobody remembers: after the newest entry, so that it is known from now on; or before the first. */
async function beginning({ once, fromStart }: FollowOptions, memory: JournalMemory): Promise<RememberedJournal> {
  const fresh = memory.fresh();
  if (once || fromStart) return fresh;
  const newest = await newestCursor();
  const place = newest === undefined ? fresh : { ...fresh, cursor: newest };
  await memory.save(place);
  return place;
}

/** Undefined for an empty journal, and where journalctl does not work, which is told when it is read. */
function newestCursor(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const args = ['--output=json', '--no-pager', '--quiet', '--lines=1', '--output-fields=MESSAGE'];
    execFile('journalctl', args, (_error, stdout) => resolve(parseEntry(stdout)?.__CURSOR));
  });
}

class JournalSending {
  readonly #options: FollowOptions;
  readonly #units: readonly string[];
  readonly #io: FollowIo;
  readonly #voice: AgentVoice;
  readonly #memory: JournalMemory;
  readonly #poster: BatchPoster;
  readonly #totals: SendTotals;
  #place: RememberedJournal;
  #entries: JournalEntry[] = [];

  constructor(
    options: FollowOptions,
    units: readonly string[],
    io: FollowIo,
    voice: AgentVoice,
    memory: JournalMemory,
    place: RememberedJournal,
  ) {
    const { url, token, waitMs } = options;
    this.#options = options;
    this.#units = units;
    this.#io = io;
    this.#voice = voice;
    this.#memory = memory;
    this.#place = place;
    this.#poster = new BatchPoster({ url, token, waitMs, voice, signal: io.signal });
    this.#totals = new SendTotals(voice);
  }

  async once(): Promise<number> {
    const failure = await this.#read();
    if (this.#io.signal.aborted) return EXIT.done;
    if (failure !== undefined) this.#voice.say(failure);
    const { accepted, refused } = this.#totals;
    this.#voice.say(`${accepted.toLocaleString('en-US')} entries stored, ${refused.toLocaleString('en-US')} refused`);
    return failure === undefined ? EXIT.done : EXIT.failed;
  }

  /** journalctl is asked again whenever it ends. */
  async forEver(): Promise<number> {
    const what = this.#units.length === 0 ? 'the journal' : `the journal of ${this.#units.join(', ')}`;
    this.#voice.say(`sending ${what} to ${this.#options.url}`);
    let told: string | undefined;
    while (!this.#io.signal.aborted) {
      const failure = await this.#read();
      if (failure !== undefined && failure !== told && !this.#io.signal.aborted)
        this.#voice.say(`${failure}; trying again`);
      told = failure;
      await pause(AGAIN_MS, this.#io.signal);
    }
    return EXIT.done;
  }

  /** Resolves when journalctl has ended, to what went wrong. */
  async #read(): Promise<string | undefined> {
    this.#entries = [];
    const child = spawn('journalctl', this.#arguments(), { stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = (): boolean => child.kill();
    this.#io.signal.addEventListener('abort', stop, { once: true });
    let says = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      says = (says + text).slice(-SAYS_CHARS_MAX);
    });
    const ended = new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(`journalctl cannot be run: ${error.message}`));
      child.once('close', (code) => resolve(code === 0 ? undefined : `journalctl ended with ${code}: ${says.trim()}`));
    });
    try {
      await this.#take(child.stdout);
      return await ended;
    } finally {
      this.#io.signal.removeEventListener('abort', stop);
      child.kill();
    }
  }

  #arguments(): string[] {
    const { once } = this.#options;
    const { cursor } = this.#place;
    const from = cursor !== undefined ? [`--after-cursor=${cursor}`] : [];
    // --all: without it fields of more than 4 KiB are left out.
    const follows = once ? [] : ['--follow', '--no-tail'];
    return [
      '--output=json',
      '--all',
      '--no-pager',
      '--quiet',
      ...this.#units.flatMap((unit) => ['--unit', unit]),
      ...from,
      ...follows,
    ];
  }

  async #take(stdout: AsyncIterable<Buffer>): Promise<void> {
    const lines = new EntryLines();
    let skipped = 0;
    for await (const piece of stdout) {
      for (const line of lines.feed(piece)) {
        const entry = parseEntry(line);
        if (entry) this.#entries.push(entry);
        else skipped += 1;
      }
      // What was under way when we were ended goes again as it was: the same entries under the same name.
      while (this.#entries.length > 0 && this.#entries.length >= this.#place.underWay) await this.#sendSome();
      if (skipped + lines.skipped > 0) this.#voice.say(`${skipped + lines.skipped} entries could not be read`);
      skipped = 0;
      lines.skipped = 0;
    }
    while (this.#entries.length > 0) await this.#sendSome();
  }

  async #sendSome(): Promise<void> {
    const entries = this.#entries.splice(0, this.#place.underWay || ENTRIES_MAX);
    const [first, last] = [entries[0], entries.at(-1)];
    if (!first || !last) return;
    const { generation } = this.#place;
    this.#place = { ...this.#place, underWay: entries.length };
    await this.#memory.save(this.#place);
    const events = entries.flatMap((entry) => entryEvents(entry, this.#options.service, Date.now()));
    const names = createHash('sha256').update(`${first.__CURSOR}\n${last.__CURSOR}\n${entries.length}`).digest('hex');
    const delivery = await this.#poster.deliver(`journal-${generation}-${names.slice(0, 32)}`, events);
    this.#totals.add('journal', { from: 0, to: 0 }, delivery);
    this.#place = { generation, cursor: last.__CURSOR, underWay: 0 };
    await this.#memory.save(this.#place);
  }
}
