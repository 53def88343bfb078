import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { NotAllowed } from '@/components/ui/not-allowed.tsx';
import { isAppError } from '@/lib/core/errors.ts';
import { loginPath } from '@/lib/core/next-path.ts';
import { isAllowed, NEEDS, type Need, type Principal } from '@/lib/core/principal.ts';
import { peerOf } from '@/lib/runtime/http/client-address.ts';
import { getRuntime, type Runtime } from '@/lib/runtime/runtime.ts';
import type { Visitor } from '@/lib/wire/access-pages.ts';

/** Written by `proxy.ts`: a server component is not told where it stands. */
export const PATH_HEADER = 'x-tailrace-path';

type Params = Promise<Record<string, string | string[] | undefined>>;
type PageProps = { searchParams: Params };
export type Entered = { readonly app: Runtime; readonly principal: Principal; readonly searchParams: Params };

/** A page for those who may see it: others are sent to log in, or told why not. Every page is made by this. */
export function guardedPage(need: Need, render: (entered: Entered) => ReactNode | Promise<ReactNode>) {
  return async function GuardedPage({ searchParams }: PageProps) {
    await connection();
    const app = await getRuntime();
    const principal = await whoLooks(app);
    if (!principal) redirect(loginPath((await headers()).get(PATH_HEADER) ?? '/'));
    try {
      app.access.permit(principal, need);
    } catch (error) {
      if (isAppError(error)) return <NotAllowed why={error.message} />;
      throw error;
    }
    return render({ app, principal, searchParams });
  };
}

/** undefined: it has to log in. */
export async function whoLooks(app: Runtime): Promise<Principal | undefined> {
  const all = await headers();
  try {
    return await app.access.identify({ peerAddress: peerOf({ headers: all }), header: (name) => all.get(name) });
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

export function visitorOf(principal: Principal): Visitor {
  const { name, role, kind, account } = principal;
  const may = NEEDS.filter((need) => isAllowed(principal, need));
  return { name, role, hasLoggedIn: kind !== 'local' && kind !== 'open', hasPassword: account !== undefined, may };
}
