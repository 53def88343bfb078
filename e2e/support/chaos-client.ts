import type { z } from 'zod';
import { type ChaosReport, chaosReportSchema, type faultSchema } from '@/lib/wire/chaos.ts';

/** A fault as it is posted: what has a default may be left out. */
export type FaultInput = z.input<typeof faultSchema>;

/** Breaks a server on purpose through its own API; the server must have been started with TAILRACE_CHAOS=1. */
export class ChaosClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param token TAILRACE_ADMIN_TOKEN of the server, where it has one */
  constructor(url: string, token?: string) {
    this.#url = `${url}/api/chaos`;
    this.#headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  report(): Promise<ChaosReport> {
    return this.#ask('GET');
  }
  inject(fault: FaultInput): Promise<ChaosReport> {
    return this.#ask('POST', JSON.stringify(fault));
  }
  heal(): Promise<ChaosReport> {
    return this.#ask('DELETE');
  }

  async #ask(method: string, body?: string): Promise<ChaosReport> {
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const response = await fetch(this.#url, { method, headers: { ...this.#headers, ...type }, ...(body && { body }) });
    if (!response.ok) throw new Error(`${method} ${this.#url}: ${response.status} ${await response.text()}`);
    return chaosReportSchema.parse(await response.json());
  }
}
