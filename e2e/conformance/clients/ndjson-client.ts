import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { ContinuityLedger } from '../../support/continuity-ledger.ts';
import type { ResponseHead } from '../../support/http-decoder.ts';
import { FrameClient, refusalOf, type StreamClientOptions } from '../stream-client.ts';

/** A client of `GET /api/poll?follow=1`, one JSON frame a line, on `node:http`. */
export class NdjsonClient extends FrameClient {
  #request: ClientRequest | undefined;
  head: ResponseHead | undefined;

  constructor(url: string, options: StreamClientOptions = {}, ledger = new ContinuityLedger()) {
    super(url, options, ledger);
  }

  /** Path and query of a request. */
  protected get address(): string {
    const { query } = this.options;
    return `/api/poll?follow=1${query ? `&${query.slice(1)}` : ''}`;
  }

  protected connect(): void {
    this.ask((isClean) => this.finished(isClean));
  }

  /** One request to its end. */
  protected ask(onEnd: (isClean: boolean, hasBegun: boolean) => void): void {
    let response: IncomingMessage | undefined;
    const request = get(`${this.line.url}${this.address}`, { headers: this.headers, ...this.agent }, (res) => {
      response = res;
      this.#read(res);
    });
    this.#request = request;
    request.on('error', () => undefined);
    request.on('close', () => {
      onEnd(response?.complete === true, response !== undefined);
    });
  }

  protected get agent(): object {
    return { agent: false };
  }

  #read(res: IncomingMessage): void {
    const headers = new Map(Object.entries(res.headers).map(([name, value]) => [name, String(value)]));
    const head = { status: res.statusCode ?? 0, headers };
    this.head = head;
    const isRefused = head.status !== 200;
    const text = new TextDecoder('utf-8', { fatal: true });
    let rest = '';
    res.on('data', (bytes: Buffer) => {
      const lines = (rest + text.decode(bytes, { stream: true })).split('\n');
      if (isRefused) {
        rest = lines.join('\n');
        return;
      }
      rest = lines.pop() ?? '';
      for (const line of lines) this.#takeLine(line);
    });
    res.on('error', () => undefined);
    res.on('end', () => {
      if (isRefused) this.refusal = refusalOf(head, rest);
      else if (rest !== '') this.failure ??= new Error(`a response ended within a line: ${rest.slice(0, 80)}`);
    });
  }

  #takeLine(line: string): void {
    try {
      this.takeJson(JSON.parse(line));
    } catch (error) {
      this.failure ??= error as Error;
    }
  }

  protected disconnect(): void {
    this.#request?.destroy();
  }
}
