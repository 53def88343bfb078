import { plain } from '@/components/ui/plain-text.ts';
import type { ChartSeries } from '@/lib/client/state.ts';
import { rateUnit } from './format-unit.ts';

/** More lines than this in one small chart tell nobody anything. */
export const LINES_MAX = 12;
const SIBLINGS_MAX = 6;

export type ChartLine = { readonly series: ChartSeries; readonly label: string };

export type Chart = {
  readonly key: string;
  readonly title: string;
  readonly service: string;
  /** The unit drawn: of the rate, for counters. */
  readonly unit: string;
  readonly counter: boolean;
  readonly lines: readonly ChartLine[];
  /** Series that exist beyond `LINES_MAX`. */
  readonly more: number;
};

export type ServiceCharts = { readonly service: string; readonly charts: readonly Chart[] };

/** The order in which people look for trouble; other families follow in alphabetical order. */
const FAMILIES: readonly string[] = [
  'cpu',
  'load',
  'memory',
  'heap',
  'swap',
  'disk',
  'network',
  'processes',
  'eventloop',
  'gc',
];

/** Series → services → charts, in an order that does not depend on the order of arrival. */
export function groupSeries(series: readonly ChartSeries[]): ServiceCharts[] {
  const services = groupBy(series, (each) => each.service);
  return [...services.entries()]
    .sort(([a], [b]) => serviceRank(a) - serviceRank(b) || compareText(a, b))
    .map(([service, own]) => ({ service, charts: chartsOf(service, own) }));
}

function chartsOf(service: string, series: readonly ChartSeries[]): Chart[] {
  const byName = groupBy(series, (each) => JSON.stringify([each.name, each.unit, each.type]));
  const lone = [...byName.values()].filter((own) => own.length === 1 && own[0]?.labels === '').flat();
  const siblings = groupBy(lone, (each) => JSON.stringify([parentOf(each.name), each.unit, each.type]));
  const charts: Chart[] = [];
  for (const own of siblings.values()) {
    if (own.length <= SIBLINGS_MAX) charts.push(chart(service, own));
    else for (const each of own) charts.push(chart(service, [each]));
  }
  for (const own of byName.values()) if (own.length > 1 || own[0]?.labels !== '') charts.push(chart(service, own));
  return charts.sort(
    (a, b) =>
      familyRank(a.title) - familyRank(b.title) ||
      compareText(familyOf(a.title), familyOf(b.title)) ||
      depthOf(a.title) - depthOf(b.title) ||
      compareText(a.title, b.title) ||
      compareText(a.key, b.key),
  );
}

function chart(service: string, series: readonly ChartSeries[]): Chart {
  const sorted = [...series].sort(
    (a, b) => compareText(a.name, b.name) || compareText(a.labels, b.labels) || compareText(a.unit, b.unit),
  );
  const [first] = sorted;
  const oneName = sorted.every((each) => each.name === first?.name);
  const counter = first?.type === 'counter';
  const unit = first?.unit ?? '';
  const name = first?.name ?? '';
  return {
    key: JSON.stringify([service, oneName ? name : parentOf(name), unit, counter, oneName]),
    title: plain(oneName ? name : parentOf(name)),
    service,
    unit: plain(counter ? rateUnit(unit) : unit),
    counter,
    lines: sorted
      .slice(0, LINES_MAX)
      .map((each) => ({ series: each, label: plain(oneName ? labelText(each) : lastPart(each.name)) })),
    more: Math.max(0, sorted.length - LINES_MAX),
  };
}

/** `{"core":3}` → "3", `{"demo":true}` → "demo"; with several labels the names are needed: "iface=eth0 dir=in". */
export function labelText(series: Pick<ChartSeries, 'name' | 'labels'>): string {
  if (series.labels === '') return lastPart(series.name);
  const labels = Object.entries(readLabels(series.labels));
  const [first] = labels;
  if (labels.length === 1 && first) return first[1] === true ? first[0] : String(first[1]);
  return labels.map(([key, value]) => (value === true ? key : `${key}=${String(value)}`)).join(' ');
}

function readLabels(text: string): Record<string, unknown> {
  try {
    const labels: unknown = JSON.parse(text);
    return typeof labels === 'object' && labels !== null ? { ...labels } : { labels: text };
  } catch {
    return { labels: text };
  }
}

function parentOf(name: string): string {
  const at = name.lastIndexOf('.');
  return at === -1 ? name : name.slice(0, at);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function familyOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

/** "cpu.usage" before "cpu.core.usage": the whole before its parts. */
function depthOf(name: string): number {
  return name.split('.').length;
}

function serviceRank(service: string): number {
  return service === 'host' ? 0 : 1;
}

function familyRank(title: string): number {
  const index = FAMILIES.indexOf(familyOf(title));
  return index === -1 ? FAMILIES.length : index;
}

/** Digits count as numbers ("core 2" before "core 10"), and one fixed locale: the server's may differ from the browser's. */
const collator = new Intl.Collator('en', { numeric: true });

function compareText(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
