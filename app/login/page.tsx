import type { Metadata } from 'next';
import { connection } from 'next/server';
import { LoginScreen } from '@/components/login/login-screen.tsx';
import { nextPath } from '@/lib/core/next-path.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';
import { failureSentence } from '@/lib/wire/login-failures.ts';

export const metadata: Metadata = { title: 'Log in', referrer: 'no-referrer' };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Open to everybody, also to who is logged in already and wants to be somebody else. */
export default async function LoginPage({ searchParams }: Props) {
  await connection();
  const given = await searchParams;
  const [next] = [given['next']].flat();
  const [failed] = [given['failed']].flat();
  const { oidc } = await getRuntime();
  return <LoginScreen next={nextPath(next)} hasProvider={oidc !== undefined} failure={failureSentence(failed)} />;
}
