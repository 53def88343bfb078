import type { ConformanceCase } from './conformance-case.ts';
import { continuityCases } from './continuity-cases.ts';
import { filterCases } from './filter-cases.ts';
import { firstFrameCases } from './first-frame-cases.ts';
import { httpCases } from './http-cases.ts';
import { overloadCases } from './overload-cases.ts';

/** What every transport of `text/event-stream` must do. A transport is done when the whole table passes on it. */
export const CASES: readonly ConformanceCase[] = [
  ...firstFrameCases,
  ...filterCases,
  ...continuityCases,
  ...httpCases,
  ...overloadCases,
];
