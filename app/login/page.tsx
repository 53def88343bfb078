import type { Metadata } from 'next';
import { connection } from 'next/server';
import { LoginScreen } from '@/components/login/login-screen.tsx';
import { nextPath } from '@/lib/core/next-path.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const metadata: Metadata = { title: 'Log in', referrer: 'no-referrer' };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Open to everybody, also to who is logged in already and wants to be somebody else. */
export default async function LoginPage({ searchParams }: Props) {
  await connection();
  const [next] = [(await searchParams)['next']].flat();
  const { oidc } = await getRuntime();
  return <LoginScreen next={nextPath(next)} hasProvider={oidc !== undefined} />;
}
