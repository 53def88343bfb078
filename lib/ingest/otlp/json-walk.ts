import { AppError } from '@/lib/core/errors.ts';
import { exceedsJsonDepth } from '../json-depth.ts';
import { asList, asObject, type JsonObject, toResource, toScope } from './json-values.ts';
import { orRefused, Unusable, VALUE_DEPTH_MAX, type Walked } from './otlp-model.ts';

/** Eight around a value, and four for each map within it. */
const DEPTH_MAX = 8 + 4 * (VALUE_DEPTH_MAX + 8);

/** How the lists of one signal are called. */
export type ListNames = { readonly resources: string; readonly scopes: string; readonly items: string };

/** All records of a request, one after the other; one that cannot be taken is left out. Throws bad-request. */
export function* walkJson<Item>(
  body: Buffer,
  names: ListNames,
  toItem: (given: JsonObject) => Item,
): Generator<Walked<Item>> {
  const request = wholly(() => asObject(parse(body), 'the body'));
  if (request[names.resources] === undefined && Object.keys(request).length > 0) {
    const got = Object.keys(request).slice(0, 3).join(', ').slice(0, 100);
    throw new AppError('bad-request', `expected {"${names.resources}":[…]}, in lower camel case, got ${got}`);
  }
  for (const resourceGiven of wholly(() => asList(request[names.resources], names.resources))) {
    const resourceList = wholly(() => asObject(resourceGiven, names.resources));
    const resource = wholly(() => toResource(resourceList['resource']));
    for (const scopeGiven of wholly(() => asList(resourceList[names.scopes], names.scopes))) {
      const scopeList = wholly(() => asObject(scopeGiven, names.scopes));
      const scope = wholly(() => toScope(scopeList['scope']));
      const origin = { resource, scope };
      for (const item of wholly(() => asList(scopeList[names.items], names.items))) {
        yield orRefused(() => ({ origin, item: toItem(asObject(item, names.items)) }));
      }
    }
  }
}

/** What concerns more than one record concerns the request. */
function wholly<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Unusable ? error.asBadRequest() : error;
  }
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return {};
  if (exceedsJsonDepth(body, DEPTH_MAX)) {
    throw new AppError('bad-request', `expected at most ${DEPTH_MAX} objects and arrays within each other`);
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AppError('bad-request', `the body is not valid JSON: ${(error as Error).message}`);
  }
}
