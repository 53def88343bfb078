import { OWN_GUIDES, OWN_SOCKET_GUIDES } from './own-snippets.ts';
import { SHIPPER_GUIDES } from './shipper-snippets.ts';
import type { Guide } from './snippet.ts';
import { type Place, socketOf } from './snippet-place.ts';
import { STANDARD_GUIDES } from './standard-snippets.ts';

const BY_PROTOCOL: readonly Guide[] = [...OWN_GUIDES, ...STANDARD_GUIDES, ...SHIPPER_GUIDES, ...OWN_SOCKET_GUIDES];

/** What the others have for containers: who runs some looks for this word. */
const DOCKER_GUIDE: Guide = {
  id: 'docker',
  name: 'Docker',
  snippets: (place) =>
    BY_PROTOCOL.flatMap(({ name, snippets }) =>
      snippets(place).flatMap((snippet) =>
        snippet.isOfDocker ? { ...snippet, title: `${snippet.title}: ${name}` } : [],
      ),
    ),
};

/** Every way in, the one that needs the least first. */
export const GUIDES: readonly Guide[] = [...OWN_GUIDES, DOCKER_GUIDE, ...BY_PROTOCOL.slice(OWN_GUIDES.length)];

export const GUIDE_DEFAULT = 'curl';

export function guideOf(id: string): Guide | undefined {
  return GUIDES.find((guide) => guide.id === id);
}

/** Where a guide's senders send to: the page's own address, or that of a listener where nothing comes by another way. */
export function addressOf(guide: Guide, place: Place): string {
  const doors = guide.snippets(place).map(({ door }) => door);
  const [door] = doors;
  return door && doors.every((each) => each?.name === door.name)
    ? socketOf(place, door.name, door.example)
    : place.origin;
}

/** Whether any of a guide's lines has a place for a key. */
export function takesKey({ snippets }: Guide, place: Place): boolean {
  const textsWith = (token: string | null) => snippets({ ...place, token }).map(({ text }) => text);
  return textsWith('key').join('\n') !== textsWith(null).join('\n');
}
