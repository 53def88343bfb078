import type { ConformanceCase } from './conformance-case.ts';
import { continuityCases } from './continuity-cases.ts';
import { filterCases } from './filter-cases.ts';
import { firstFrameCases } from './first-frame-cases.ts';
import { httpCases } from './http-cases.ts';
import { lineCases } from './line-cases.ts';
import { overloadCases } from './overload-cases.ts';

/** What every transport must do, as far as its protocol has the words. A transport is done when the table passes on it. */
export const CASES: readonly ConformanceCase[] = [
  ...firstFrameCases,
  ...filterCases,
  ...continuityCases,
  ...lineCases,
  ...httpCases,
  ...overloadCases,
];
