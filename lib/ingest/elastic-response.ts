import type { Action } from './elastic-actions.ts';
import type { IngestHead } from './http-protocol.ts';
import type { IngestTally } from './ingest-tally.ts';

/** Where neither the action nor the path names an index, the answer has to. */
const INDEX_DEFAULT = 'tailrace';

type Item = Record<string, unknown>;

/** Every answer says that it is Elasticsearch's: the official clients take no other. */
export function elasticResponse(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(body, { status, headers: { ...headers, 'X-Elastic-Product': 'Elasticsearch' } });
}

export type BulkOutcome = {
  /** In milliseconds. */
  readonly took: number;
  readonly actions: readonly Action[];
  readonly tally: IngestTally;
  /** Of the path. */
  readonly index: string | undefined;
  readonly head: IngestHead;
};

/** What became of each action, in their order; only the fields that a `filter_path` asks for. */
export function bulkItems({ took, actions, tally, index, head }: BulkOutcome): object {
  const shows = filterOf(head.query.get('filter_path'));
  const errors = new Map(tally.errors.map(({ line, error }) => [line, error]));
  const items: Record<string, Item>[] = [];
  for (const [at, { target }] of actions.entries()) {
    const error = errors.get(at + 1);
    const outcome =
      error === undefined
        ? { _version: 1, result: 'created', status: 201 }
        : { status: 400, error: { type: 'document_parsing_exception', reason: error } };
    const all = { _index: target.index ?? index ?? INDEX_DEFAULT, _id: target.id, ...outcome };
    const item = pick(all, shows.item);
    if (Object.keys(item).length > 0) items.push({ [target.operation]: item });
  }
  const top = { took, errors: tally.rejected > 0, ...(tally.isHeld && { durable: false }) };
  // Elasticsearch leaves out what is empty once it has been filtered.
  return { ...pick(top, shows.top), ...((items.length > 0 || !shows.isFiltered) && { items }) };
}

type Filter = { readonly isFiltered: boolean; top(name: string): boolean; item(name: string): boolean };

/** The patterns that senders use: `errors`, `items.*.error`, `items.*.*`; an exclusion shows everything. */
function filterOf(pattern: string | null): Filter {
  const paths = (pattern ?? '').split(',').filter((path) => path !== '');
  if (paths.length === 0 || paths.some((path) => path.startsWith('-'))) {
    return { isFiltered: false, top: () => true, item: () => true };
  }
  const fits = (part: string | undefined, name: string): boolean => part === name || part === '*' || part === '**';
  const item = (name: string): boolean =>
    paths.some((path) => {
      const [top, , field] = path.split('.');
      return top === '**' || (fits(top, 'items') && (field === undefined || fits(field, name)));
    });
  return { isFiltered: true, item, top: (name) => paths.some((path) => fits(path.split('.')[0], name)) };
}

function pick(all: Item, shows: (name: string) => boolean): Item {
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== undefined && shows(name)));
}
