import { headers } from 'next/headers';
import type { SenderPlace } from '@/components/sources/snippet-place.ts';
import type { Runtime } from '@/lib/runtime/runtime.ts';

/** What lines to copy must know of this server: its address as the reader's browser wrote it, and whether it asks for a token. */
export async function senderPlaceOf({ access }: Pick<Runtime, 'access'>): Promise<SenderPlace> {
  const all = await headers();
  // The browser itself corrects what a proxy may have changed.
  const publicUrl = `${all.get('x-forwarded-proto') ?? 'http'}://${all.get('host') ?? 'localhost'}`;
  return { publicUrl, ...(!access.isDemanded && { token: null }) };
}
