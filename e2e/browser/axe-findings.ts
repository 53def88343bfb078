import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
type Violation = { id: string; impact: string | null; nodes: { html: string; failureSummary?: string }[] };
type Axe = { run(): Promise<{ violations: Violation[] }> };

/** Serious and critical findings, each with the first element it was found on. */
export async function axeFindings(page: Page): Promise<string[]> {
  const loaded = await page.evaluate(() => 'axe' in window);
  // Not as a script of the page: its policy lets none run that it has not written itself.
  if (!loaded) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => (Reflect.get(window, 'axe') as Axe).run());
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} ×${nodes.length}: ${nodes[0]?.html} ${nodes[0]?.failureSummary ?? ''}`);
}
