import { Button } from '@/components/ui/button.tsx';
import type { GuideState } from './guide-state.ts';
import type { Guide } from './snippet.ts';
import { GUIDES } from './snippets.ts';

type GuideButtonsProps = {
  open?: string;
  stateOf?: (guide: Guide) => GuideState['name'];
  onGuide: (id: string) => void;
};

/** One button a way in, with a dot on what has been heard. */
export function GuideButtons({ open, stateOf, onGuide }: GuideButtonsProps) {
  return (
    <nav aria-label="Ways in" className="flex flex-wrap gap-1.5">
      {GUIDES.map((guide) => {
        const { id, name } = guide;
        const state = stateOf?.(guide);
        const isTold = state === 'heard' || state === 'refused';
        return (
          <Button
            key={id}
            aria-pressed={open === undefined ? undefined : id === open}
            aria-label={isTold ? `${name}, ${state}` : undefined}
            className={id === open ? 'border-accent bg-selected font-medium' : 'text-ink-soft'}
            onClick={() => onGuide(id)}
          >
            {isTold && (
              <span aria-hidden className={`size-2 rounded-full ${state === 'heard' ? 'bg-good' : 'bg-bad'}`} />
            )}
            {name}
          </Button>
        );
      })}
    </nav>
  );
}
