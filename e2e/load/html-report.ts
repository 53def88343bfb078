import type { Suspicion } from './bottleneck.ts';
import { reportCharts } from './report-charts.ts';
import type { Summary } from './summary.ts';
import { escapeHtml } from './svg-chart.ts';
import type { Sample } from './timeline.ts';
import type { Verdict } from './verdict.ts';

export type Report = {
  readonly title: string;
  readonly startedAt: Date;
  readonly summary: Summary;
  readonly verdict: Verdict;
  readonly suspicion: Suspicion;
  readonly samples: readonly Sample[];
  /** What was asked for, and where it ran. */
  readonly settings: readonly (readonly [string, string])[];
  readonly machine: readonly (readonly [string, string])[];
};

/** One file that needs nothing else: no scripts, no fonts, no pictures from elsewhere. */
export function htmlReport(report: Report): string {
  const { title, startedAt, summary, verdict, suspicion, samples, settings, machine } = report;
  const word = verdict.passed ? 'passed' : 'failed';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}: ${word}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)} <span class="verdict ${word}">${word}</span></h1>
<p>${escapeHtml(startedAt.toISOString().replace('T', ' ').slice(0, 19))} UTC</p>
</header>
<p class="suspicion">${escapeHtml(suspicion.sentence)}</p>
<section><h2>Thresholds</h2>${checksTable(verdict)}</section>
<section class="charts">${reportCharts(samples)}</section>
<section><h2>Figures</h2><div class="groups">${summary.map(({ title: name, rows }) => pairs(name, rows)).join('')}</div></section>
<section><h2>What was looked at for the bottleneck</h2>${evidenceTable(suspicion)}</section>
<section><h2>Run</h2><div class="groups">${pairs('Settings', settings)}${pairs('Machine', machine)}</div></section>
</body>
</html>
`;
}

function checksTable({ checks }: Verdict): string {
  const rows = checks.map(({ what, value, limit, passed }) => {
    const word = passed === undefined ? 'not judged' : passed ? 'passed' : 'failed';
    return `<tr><td>${escapeHtml(what)}</td><td>${escapeHtml(value)}</td><td>${escapeHtml(limit)}</td><td class="${word.replace(' ', '-')}">${word}</td></tr>`;
  });
  return table(['what', 'measured', 'threshold', ''], rows);
}

function evidenceTable({ evidence, name }: Suspicion): string {
  const rows = evidence.map(({ bottleneck, says, pressure }) => {
    const share = `${(pressure * 100).toFixed(0)} %`;
    const state = bottleneck === name ? 'failed' : pressure >= 1 ? 'warned' : '';
    return `<tr><td>${bottleneck}</td><td>${escapeHtml(says)}</td><td class="number ${state}">${share}</td></tr>`;
  });
  return table(['where', 'found', 'of its threshold'], rows);
}

function pairs(title: string, rows: readonly (readonly [string, string])[]): string {
  const cells = rows.map(([name, value]) => `<dt>${escapeHtml(name.trim())}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<div><h3>${escapeHtml(title)}</h3><dl>${cells.join('')}</dl></div>`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return `<div class="scroll"><table><thead><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

const STYLE = `
:root { color-scheme: light dark; --page: #fafafa; --card: #fff; --text: #18181b; --quiet: #5f5f68; --rule: #e4e4e7;
  --good: #15803d; --bad: #b91c1c; --warn: #a16207; --line-1: #2563eb; --line-2: #c2570c; --line-3: #be185d; --line-4: #71717a; }
@media (prefers-color-scheme: dark) { :root { --page: #0b0b0d; --card: #151518; --text: #ededf0; --quiet: #a1a1aa; --rule: #2a2a30;
  --good: #4ade80; --bad: #f87171; --warn: #facc15; --line-1: #60a5fa; --line-2: #fb923c; --line-3: #f472b6; --line-4: #8b8b95; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px; max-width: 1360px; background: var(--page); color: var(--text);
  font: 14px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 16px; margin: 28px 0 8px; } h3 { font-size: 13px; margin: 0 0 6px; color: var(--quiet); font-weight: 600; }
header p { margin: 2px 0 0; color: var(--quiet); }
.verdict { font-size: 13px; padding: 2px 10px; border-radius: 999px; border: 1px solid currentColor; vertical-align: 3px; }
.passed { color: var(--good); } .failed { color: var(--bad); font-weight: 600; } .warned { color: var(--warn); } .not-judged { color: var(--quiet); }
.suspicion { background: var(--card); border: 1px solid var(--rule); border-left: 4px solid var(--line-1); border-radius: 6px; padding: 10px 14px; margin: 16px 0 0; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; color: var(--quiet); font-weight: 500; }
th, td { padding: 6px 12px; border-bottom: 1px solid var(--rule); vertical-align: top; } tbody tr:last-child td { border-bottom: 0; }
td.number { white-space: nowrap; }
.charts { display: grid; gap: 16px; margin-top: 28px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); }
figure { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 10px 12px; }
figcaption { font-weight: 600; display: flex; flex-wrap: wrap; gap: 0 8px; align-items: baseline; } figcaption small { color: var(--quiet); font-weight: 400; }
.legend { margin-left: auto; display: flex; gap: 12px; font-weight: 400; color: var(--quiet); font-size: 12px; }
.key::before { content: ''; display: inline-block; width: 12px; height: 3px; margin-right: 5px; vertical-align: 3px; border-radius: 2px; background: var(--c); }
.key-1 { --c: var(--line-1); } .key-2 { --c: var(--line-2); } .key-3 { --c: var(--line-3); } .key-4 { --c: var(--line-4); }
svg { display: block; width: 100%; height: auto; margin-top: 4px; } .grid { stroke: var(--rule); } .mark { stroke: var(--quiet); stroke-dasharray: 2 4; opacity: .7; }
.tick { fill: var(--quiet); font-size: 11px; } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.line-1 { stroke: var(--line-1); } .line-2 { stroke: var(--line-2); } .line-3 { stroke: var(--line-3); } .line-4 { stroke: var(--line-4); }
.groups { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); }
.groups > div { background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 12px 14px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; margin: 0; } dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
`;
