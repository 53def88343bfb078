'use client';

import { createContext, type ReactNode, useContext } from 'react';
import type { Need } from '@/lib/core/principal.ts';
import type { Visitor } from '@/lib/wire/access-pages.ts';

/** Without a provider, as in a test of one component, nothing is kept back. */
const EVERYBODY: Visitor = {
  name: 'this machine',
  role: 'admin',
  hasLoggedIn: false,
  hasPassword: false,
  may: ['send', 'view', 'inspect', 'operate', 'administer'],
};

const VisitorContext = createContext<Visitor>(EVERYBODY);

/** Who the page is shown to, for whatever must not be offered to everybody. The server decides in any case. */
export function VisitorProvider({ visitor, children }: { visitor: Visitor; children: ReactNode }) {
  return <VisitorContext value={visitor}>{children}</VisitorContext>;
}

export function useVisitor(): Visitor {
  return useContext(VisitorContext);
}

/**
 * Why an action is not for this visitor, as a tooltip; undefined: it is, or a token that is asked for may make it so: who
 * has not logged in is asked when it comes to it.
 */
export function useWhyNot(need: Need): string | undefined {
  const { may, hasLoggedIn, role } = useVisitor();
  if (may.includes(need) || !hasLoggedIn) return undefined;
  return `Your role (${role}) may not do this`;
}
