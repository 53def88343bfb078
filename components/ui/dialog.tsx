'use client';

import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './button.tsx';

type DialogProps = { open: boolean; title: string; onClose: () => void; children: ReactNode };

/** The browser's own modal dialog: focus trap, Esc and inertness of the page come with it. */
export function Dialog({ open, title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) {
      element.showModal();
      // What was opened to be filled in begins at its first field, not at the button that closes it.
      element.querySelector<HTMLElement>('form :is(input:not([type=radio]), select)')?.focus();
    }
    if (!open && element.open) element.close();
  }, [open]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard closes a dialog with Esc; this adds the click beside it
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      // Esc goes the way of the button: were the browser to close first and tell later, a key that opens the dialog again
      // in between would be lost.
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={() => !dialog.current?.open && onClose()}
      onClick={(event) => event.target === dialog.current && onClose()}
      className="m-auto max-h-[85dvh] w-[min(34rem,calc(100vw-2rem))] rounded-lg border border-line bg-raised p-0 shadow-2xl backdrop:bg-black/50"
    >
      <div className="p-4">
        <div className="mb-3 flex items-center justify-between">
          <h2 id={titleId} className="text-base font-semibold">
            {title}
          </h2>
          <IconButton label="Close" onClick={onClose}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
        {open && children}
      </div>
    </dialog>
  );
}
