import { plain } from './plain-text.ts';

/** Text on one line, cut where the room ends; the whole of it is in the title. */
export function Cut({ text, mono = false }: { text: string; mono?: boolean }) {
  const shown = plain(text);
  return (
    <span className={`block truncate ${mono ? 'font-mono text-[11px]' : ''}`} title={shown}>
      {shown}
    </span>
  );
}
