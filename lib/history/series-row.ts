import type { SeriesRow } from './history-port.ts';

/** What the database holds as free text becomes typed again here. */
export function toSeriesRow(row: Omit<SeriesRow, 'type'> & { type: string }): SeriesRow {
  const { id, service, name, labels, unit } = row;
  return { id, service, name, labels, unit, type: row.type === 'counter' ? 'counter' : 'gauge' };
}
