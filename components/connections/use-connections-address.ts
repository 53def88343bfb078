'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { type ConnectionsAddress, readAddress, writeAddress } from './connections-url.ts';

/** undefined takes a part of the address away. */
type Change = { readonly [Name in keyof ConnectionsAddress]?: ConnectionsAddress[Name] | undefined };

/** `typed` replaces the entry of the browser's history: a letter, or a step through the rows, is nothing to go back to. */
export type ChangeAddress = (change: Change, typed?: boolean) => void;

/** The address is where the screen's state lives, so that a link, a reload and the back button agree. */
export function useConnectionsAddress(): [ConnectionsAddress, ChangeAddress] {
  const query = useSearchParams().toString();
  const address = useMemo(() => readAddress(new URLSearchParams(query)), [query]);
  const change = useCallback<ChangeAddress>((changes, typed = false) => {
    const now = readAddress(new URLSearchParams(window.location.search));
    const next = writeAddress({ ...now, ...changes } as ConnectionsAddress);
    if (typed) window.history.replaceState(null, '', next);
    else window.history.pushState(null, '', next);
  }, []);
  return [address, change];
}
