'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';

/** undefined takes a part of the address away. */
type Change<Address> = { readonly [Name in keyof Address]?: Address[Name] | undefined };

/** `typed` replaces the entry of the browser's history: a letter, or a step through the rows, is nothing to go back to. */
export type ChangeAddress<Address> = (change: Change<Address>, typed?: boolean) => void;

/**
 * The address is where a screen's state lives, so that a link, a reload and the back button agree.
 * @param read what an address does not say, or says wrongly, is as it is by default; must keep its identity, as `write`
 */
export function useAddress<Address>(
  read: (query: URLSearchParams) => Address,
  write: (address: Address) => string,
): [Address, ChangeAddress<Address>] {
  const query = useSearchParams().toString();
  const address = useMemo(() => read(new URLSearchParams(query)), [query, read]);
  const change = useCallback<ChangeAddress<Address>>(
    (changes, typed = false) => {
      const now = read(new URLSearchParams(window.location.search));
      const next = write({ ...now, ...changes } as Address);
      if (typed) window.history.replaceState(null, '', next);
      else window.history.pushState(null, '', next);
    },
    [read, write],
  );
  return [address, change];
}
