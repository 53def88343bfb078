import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createParser } from 'eventsource-parser';
import { ContinuityLedger } from '../../support/continuity-ledger.ts';
import { FrameClient, refusalOf, type StreamClientOptions } from '../stream-client.ts';

const CURL = '/usr/bin/curl';
export const hasCurl = existsSync(CURL);

/** `curl -N`, a process a connection, on the event stream or on the stream of JSON lines. */
export class CurlClient extends FrameClient {
  readonly #kind: 'sse' | 'ndjson';
  #process: ChildProcess | undefined;

  constructor(kind: 'sse' | 'ndjson', url: string, options: StreamClientOptions = {}, ledger = new ContinuityLedger()) {
    super(url, options, ledger);
    this.#kind = kind;
  }

  protected connect(): void {
    const path = this.#kind === 'sse' ? '/api/stream?' : '/api/poll?follow=1&';
    const headers = Object.entries(this.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const address = `${this.line.url}${path}${this.options.query?.slice(1) ?? ''}`;
    const child = spawn(CURL, ['-sNi', ...headers, address], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#process = child;
    const feed = this.#kind === 'sse' ? this.#feedEvents() : this.#feedLines();
    let head: ReturnType<typeof parseHead> | undefined;
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      if (head?.status === 200) return feed(piece);
      text += piece;
      const end = text.indexOf('\r\n\r\n');
      if (head || end === -1) return;
      head = parseHead(text.slice(0, end));
      text = text.slice(end + 4);
      if (head.status === 200) feed(text);
    });
    child.on('close', (code) => {
      if (head && head.status !== 200) this.refusal = refusalOf(head, text);
      this.finished(code === 0);
    });
  }

  #feedEvents(): (piece: string) => void {
    const parser = createParser({
      onEvent: ({ id, event = 'message', data }) => this.take({ id, event, data }),
      onRetry: (retryMs) => {
        this.retryMs = retryMs;
      },
    });
    return (piece) => parser.feed(piece);
  }

  #feedLines(): (piece: string) => void {
    let rest = '';
    return (piece) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.takeJson(JSON.parse(line));
    };
  }

  protected disconnect(): void {
    this.#process?.kill('SIGKILL');
  }
}

function parseHead(text: string) {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const headers = new Map(lines.map((line) => line.split(/: ?/, 2) as [string, string]));
  const lowered = new Map([...headers].map(([name, value]) => [name.toLowerCase(), value]));
  return { status: Number(statusLine.split(' ')[1]), headers: lowered };
}
