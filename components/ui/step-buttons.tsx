import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { IconButton } from './button.tsx';

type StepButtonsProps = { what: string; onStep: (by: 1 | -1) => void; onClose: () => void };

/** From one thing in a list to the next while its details are open; the same keys work on the list. */
export function StepButtons({ what, onStep, onClose }: StepButtonsProps) {
  return (
    <div className="ml-auto flex">
      <IconButton label={`Previous ${what} (k)`} onClick={() => onStep(-1)}>
        <ChevronUp size={16} aria-hidden />
      </IconButton>
      <IconButton label={`Next ${what} (j)`} onClick={() => onStep(1)}>
        <ChevronDown size={16} aria-hidden />
      </IconButton>
      <IconButton label="Close (Esc)" onClick={onClose}>
        <X size={16} aria-hidden />
      </IconButton>
    </div>
  );
}
