import { formatCount, formatDuration } from '@/components/shell/format-count.ts';
import { plain } from '@/components/ui/plain-text.ts';
import type { SenderError, SourcesPage } from '@/lib/wire/source-pages.ts';
import { type Heard, type Hearing, heardOf, isBusy, refusalOf } from './hearing.ts';
import type { Snippet } from './snippet.ts';
import { errorWord } from './source-words.ts';

/** How it goes with one way in, as far as can be told from here. */
export type GuideState =
  | { readonly name: 'off' | 'waiting' }
  /** Others send this way, and one of them may have been refused. */
  | { readonly name: 'busy'; readonly error: SenderError | undefined }
  /** Something came, and some of it was taken, or none. */
  | { readonly name: 'heard' | 'refused'; readonly heard: Heard };

export function guideState(hearing: Hearing, frame: SourcesPage, snippets: readonly Snippet[]): GuideState {
  const protocols = snippets.flatMap((snippet) => snippet.protocols);
  const heard = heardOf(hearing, frame, protocols);
  if (heard) return { name: heard.accepted === 0 && heard.error !== undefined ? 'refused' : 'heard', heard };
  if (!snippets.some((snippet) => isOpen(snippet, frame))) return { name: 'off' };
  if (!isBusy(hearing, protocols)) return { name: 'waiting' };
  return { name: 'busy', error: refusalOf(hearing, frame, protocols) };
}

/** Its listener is there; what comes by the dashboard's own port needs none. */
export function isOpen({ door }: Snippet, { doors }: Pick<SourcesPage, 'doors'>): boolean {
  return door === undefined || doors.ports[door.name] !== undefined;
}

const SERVICES_SHOWN = 3;

/** "first byte 0.4 s ago from 127.0.0.1: 3 accepted of api, 1 rejected" */
export function heardSentence(heard: Heard, nowMs: number): string {
  const { firstMs, address, accepted, rejected, isShared, services } = heard;
  const some = services.slice(0, SERVICES_SHOWN).map(plain).join(', ');
  const names = services.length > SERVICES_SHOWN ? `${some} and more` : some;
  const many = `${formatCount(accepted)} accepted`;
  const whose = isShared
    ? `${names === '' ? 'a new sender' : `new is ${names}`}; ${many} this way in all`
    : names === ''
      ? many
      : `${many} of ${names}`;
  const wrong = rejected > 0 ? `, ${formatCount(rejected)} rejected` : '';
  return `first byte ${shortly(nowMs - firstMs)} ago from ${plain(address)}: ${whose}${wrong}`;
}

export function refusedSentence(error: SenderError): string {
  return `the sender was told: ${errorWord(error)}`;
}

/** In tenths at first: how quick it was is the point. */
function shortly(ageMs: number): string {
  return ageMs < 1000 ? `${(Math.max(0, ageMs) / 1000).toFixed(1)} s` : formatDuration(ageMs);
}
