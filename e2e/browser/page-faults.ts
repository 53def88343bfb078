import type { Page } from '@playwright/test';

/** Collects what a browser complains about; hydration mismatches come as errors of the page. */
export class PageFaults {
  readonly list: string[] = [];

  constructor(page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.list.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.list.push(`error: ${error.message}`));
    page.on('requestfailed', (request) => {
      const errorText = request.failure()?.errorText ?? '';
      // Taken back by the page itself: Next does so with prefetches it needs no more, the client with its stream.
      if (errorText !== 'net::ERR_ABORTED') this.list.push(`failed: ${request.url()} ${errorText}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) this.list.push(`status ${response.status()}: ${response.url()}`);
    });
  }
}
