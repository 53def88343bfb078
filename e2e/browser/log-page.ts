import { expect, type Locator, type Page } from '@playwright/test';

export type SeenRow = { readonly key: string; readonly text: string; readonly marker: string | null };

/** The log screen, as a reader uses it. */
export class LogPage {
  readonly page: Page;
  readonly scroller: Locator;
  readonly rows: Locator;
  readonly lines: Locator;
  readonly badge: Locator;
  readonly pill: Locator;
  readonly detail: Locator;
  readonly search: Locator;

  constructor(page: Page) {
    this.page = page;
    this.scroller = page.getByTestId('log-scroller');
    this.rows = this.scroller.locator('[data-key]');
    this.lines = this.scroller.locator('[data-key]:not([data-marker])');
    this.badge = page.getByTestId('connection-badge');
    this.pill = page.getByTestId('new-lines');
    this.detail = page.getByTestId('log-detail');
    this.search = page.getByRole('searchbox', { name: /Search/ });
  }

  async open(address = '/logs'): Promise<void> {
    await this.page.goto(address);
    await this.isLive();
  }

  async isLive(): Promise<void> {
    await expect(this.badge).toHaveAttribute('data-phase', 'live');
  }

  /** What this browser knows of its own stream; the badge leads there from every screen. */
  async openOwnConnection(): Promise<void> {
    await this.badge.click();
    await expect(this.page.getByTestId('verdict')).toBeVisible();
  }

  async nothingLostOrRepeated(): Promise<void> {
    await expect(this.badge).toContainText('live· 0 lost · 0 repeated');
  }

  /** Skips the countdown, if one runs: tests of what comes after need not sit it out. */
  async retryNow(): Promise<void> {
    await this.page.evaluate(() => {
      [...document.querySelectorAll('button')].find((button) => button.textContent === 'Retry now')?.click();
    });
  }

  line(number: number): Locator {
    return this.lines.filter({ hasText: new RegExp(`line ${number}(?!\\d)`) });
  }

  marker(kind: 'gap' | 'reset' | 'reconnected'): Locator {
    return this.scroller.locator(`[data-marker="${kind}"]`);
  }

  /** The rows drawn now, in the order of the list. */
  drawn(): Promise<SeenRow[]> {
    return this.rows.evaluateAll((rows) =>
      rows.map((row) => ({
        key: row.getAttribute('data-key') ?? '',
        text: row.textContent ?? '',
        marker: row.getAttribute('data-marker'),
      })),
    );
  }

  /** The whole list that the tab holds, read by scrolling from its first row to its last. */
  async readAll(): Promise<SeenRow[]> {
    await this.pause();
    return this.scroller.evaluate(async (scroller) => {
      const TOP_PX = 28;
      const isDrawnAt = (y: number) =>
        [...scroller.querySelectorAll('[data-key]')].some((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return top <= y && bottom >= y;
        });
      /** The rows follow the scroll offset when React has drawn them, not at once. */
      const drawn = async () => {
        const { top, bottom } = scroller.getBoundingClientRect();
        const full = scroller.scrollHeight > scroller.clientHeight;
        do await new Promise((resolve) => requestAnimationFrame(resolve));
        while (!isDrawnAt(top + TOP_PX + 1) || (full && !isDrawnAt(bottom - 1)));
      };
      const seen: SeenRow[] = [];
      const known = new Set<string>();
      scroller.scrollTop = 0;
      await drawn();
      for (;;) {
        for (const row of scroller.querySelectorAll('[data-key]')) {
          const key = row.getAttribute('data-key') ?? '';
          if (known.has(key)) continue;
          known.add(key);
          seen.push({ key, text: row.textContent ?? '', marker: row.getAttribute('data-marker') });
        }
        if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2) return seen;
        scroller.scrollTop += scroller.clientHeight;
        await drawn();
      }
    });
  }

  /** The numbers of all lines that the tab holds, as they stand in the list. */
  async readNumbers(): Promise<number[]> {
    return numbersOf(await this.readAll());
  }

  async pause(): Promise<void> {
    const toggle = this.page.getByTestId('follow-toggle');
    if ((await toggle.textContent()) === 'Pause') await toggle.click();
    await expect(toggle).toHaveText('Follow');
  }

  /** Where a row stands in the window, in px. */
  async topOf(key: string): Promise<number | undefined> {
    return (await this.scroller.locator(`[data-key="${key}"]`).boundingBox())?.y;
  }

  /** The first row that is wholly in sight. */
  firstInSight(): Promise<string> {
    return this.scroller.evaluate((scroller) => {
      const top = scroller.getBoundingClientRect().top;
      const rows = [...scroller.querySelectorAll('[data-key]')];
      return rows.find((row) => row.getBoundingClientRect().top >= top)?.getAttribute('data-key') ?? '';
    });
  }
}

export function numbersOf(rows: readonly SeenRow[]): number[] {
  return rows.flatMap(({ text, marker }) => {
    const match = marker === null ? /line (\d+)/.exec(text) : null;
    return match ? [Number(match[1])] : [];
  });
}
