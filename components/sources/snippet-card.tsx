import { Command } from '@/components/ui/command.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import { openingCommand, type Snippet } from './snippet.ts';

type SnippetCardProps = {
  snippet: Snippet;
  /** Its listener is there. */
  isOpen: boolean;
};

/** Lines to copy for one way in, with what else has to be known. */
export function SnippetCard({ snippet: { title, text, note, door }, isOpen }: SnippetCardProps) {
  return (
    <Command title={title} command={text} testId="snippet">
      {note && <p className="px-3 pb-2 text-[12px] text-ink-soft [overflow-wrap:anywhere]">{plain(note)}</p>}
      {!isOpen && door && (
        <p className="px-3 pb-2 text-[12px] text-warn">
          This listener is off. Start the server with <code className="font-medium">{openingCommand(door)}</code>
        </p>
      )}
    </Command>
  );
}
