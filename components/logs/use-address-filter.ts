'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import type { Filter } from '@/lib/core/filter.ts';
import { addressOfFilter, filterFromAddress } from './log-url.ts';

/**
 * The filter lives in the address and nowhere else, so that the back button, a shared link and a reload agree. It is
 * written through the browser's own history, which Next follows without asking the server for the page again.
 */
export function useAddressFilter(): [Filter, (filter: Filter, typed: boolean) => void] {
  const query = useSearchParams().toString();
  const filter = useMemo(() => filterFromAddress(new URLSearchParams(query)), [query]);
  const setFilter = useCallback((next: Filter, typed: boolean) => {
    const address = addressOfFilter(next);
    if (typed) window.history.replaceState(null, '', address);
    else window.history.pushState(null, '', address);
  }, []);
  return [filter, setFilter];
}
