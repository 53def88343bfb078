'use client';

import { Check, ChevronDown } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { plain } from './plain-text.ts';

type MultiPickerProps = {
  /** What is picked, in the plural: "services". */
  noun: string;
  options: readonly string[];
  picked: readonly string[];
  pickedMax: number;
  colourOf?: (option: string) => string;
  onChange: (picked: string[]) => void;
};

const SHOWN_MAX = 200;

/** Several of many, with type-ahead: a combobox over a listbox (WAI-ARIA APG "Editable Combobox With List"). */
export function MultiPicker({ noun, options, picked, pickedMax, colourOf, onChange }: MultiPickerProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const listId = useId();
  const shown = options.filter((option) => option.toLowerCase().includes(typed.toLowerCase())).slice(0, SHOWN_MAX);
  const activeIndex = Math.min(active, shown.length - 1);
  useDismiss(root, open, () => setOpen(false));

  const toggle = (option: string) => {
    if (picked.includes(option)) onChange(picked.filter((each) => each !== option));
    else if (picked.length < pickedMax) onChange([...picked, option]);
  };
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const current = shown[activeIndex];
    if (event.key === 'ArrowDown') setActive(Math.min(activeIndex + 1, shown.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(activeIndex - 1, 0));
    else if (event.key === 'Enter' && current !== undefined) toggle(current);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    // On a phone the popup is as wide as the toolbar that it hangs from: beside its button it would leave the window.
    <div ref={root} className="sm:relative">
      <PickerButton ref={button} noun={noun} picked={picked} open={open} onClick={() => setOpen(!open)} />
      {open && (
        <div className="absolute z-30 mt-1 rounded-md max-sm:inset-x-2 sm:top-full sm:left-0 sm:w-64 border border-line bg-raised p-1 shadow-xl">
          <input
            // biome-ignore lint/a11y/noAutofocus: the popup was opened to type in it
            autoFocus
            role="combobox"
            aria-expanded
            aria-controls={listId}
            aria-activedescendant={shown.length > 0 ? `${listId}-${activeIndex}` : undefined}
            aria-label={`Find ${noun}`}
            placeholder={`Find ${noun}…`}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setActive(0);
            }}
            onKeyDown={onKeyDown}
            className="mb-1 h-7 w-full rounded border border-line bg-surface px-2 text-[13px]"
          />
          <Options {...{ listId, noun, shown, picked, activeIndex, colourOf, toggle }} />
          {picked.length > 0 && (
            <button
              type="button"
              className="mt-1 h-7 w-full rounded text-[13px] hover:bg-hover"
              onClick={() => onChange([])}
            >
              Show all {noun}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

type PickerButtonProps = {
  ref: React.Ref<HTMLButtonElement>;
  noun: string;
  picked: readonly string[];
  open: boolean;
  onClick: () => void;
};

function PickerButton({ ref, noun, picked, open, onClick }: PickerButtonProps) {
  const words = picked.length === 0 ? `All ${noun}` : picked.length === 1 ? picked[0] : `${picked.length} ${noun}`;
  return (
    <button
      ref={ref}
      type="button"
      aria-expanded={open}
      aria-haspopup="listbox"
      onClick={onClick}
      className={`inline-flex h-7 max-w-44 items-center gap-1 rounded border bg-raised px-2 text-[13px] hover:bg-hover ${picked.length > 0 ? 'border-accent' : 'border-line'}`}
    >
      <span className="truncate">{plain(words ?? '')}</span>
      <ChevronDown size={13} aria-hidden className="shrink-0 text-ink-faint" />
    </button>
  );
}

type OptionsProps = {
  listId: string;
  noun: string;
  shown: readonly string[];
  picked: readonly string[];
  activeIndex: number;
  colourOf: ((option: string) => string) | undefined;
  toggle: (option: string) => void;
};

function Options({ listId, noun, shown, picked, activeIndex, colourOf, toggle }: OptionsProps) {
  if (shown.length === 0) return <p className="px-2 py-1.5 text-[13px] text-ink-faint">No {noun} match</p>;
  return (
    <div
      id={listId}
      role="listbox"
      aria-multiselectable
      aria-label={noun}
      tabIndex={-1}
      className="max-h-64 overflow-y-auto"
    >
      {shown.map((option, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled on the combobox, which keeps the focus
        <div
          key={option}
          id={`${listId}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={picked.includes(option)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => toggle(option)}
          className={`flex h-7 cursor-pointer items-center gap-2 rounded px-2 text-[13px] hover:bg-hover ${index === activeIndex ? 'bg-hover' : ''}`}
        >
          <Check
            size={13}
            aria-hidden
            className={`shrink-0 ${picked.includes(option) ? 'text-accent' : 'invisible'}`}
          />
          {colourOf && (
            <span aria-hidden className="h-3.5 w-1 shrink-0 rounded-sm" style={{ background: colourOf(option) }} />
          )}
          <span className="truncate">{plain(option)}</span>
        </div>
      ))}
    </div>
  );
}

/** A click or a focus anywhere else closes the popup. */
function useDismiss(root: React.RefObject<HTMLElement | null>, open: boolean, dismiss: () => void): void {
  useEffect(() => {
    if (!open) return;
    const onOutside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) dismiss();
    };
    document.addEventListener('pointerdown', onOutside);
    document.addEventListener('focusin', onOutside);
    return () => {
      document.removeEventListener('pointerdown', onOutside);
      document.removeEventListener('focusin', onOutside);
    };
  });
}
