import { OWN_GUIDES, OWN_SOCKET_GUIDES } from './own-snippets.ts';
import { SHIPPER_GUIDES } from './shipper-snippets.ts';
import type { Guide } from './snippet.ts';
import { STANDARD_GUIDES } from './standard-snippets.ts';

/** Every way in, the one that needs the least first. */
export const GUIDES: readonly Guide[] = [...OWN_GUIDES, ...STANDARD_GUIDES, ...SHIPPER_GUIDES, ...OWN_SOCKET_GUIDES];

export const GUIDE_DEFAULT = 'curl';

export function guideOf(id: string): Guide | undefined {
  return GUIDES.find((guide) => guide.id === id);
}
