'use client';

import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

type ConfirmDialogProps = {
  open: boolean;
  title: string;
  /** What the button does, as a verb: "Drain all". */
  action: string;
  onConfirm: () => void;
  onClose: () => void;
  /** What will happen, said before it does. */
  children: ReactNode;
};

/** Asks before something that cannot be taken back. The safe choice comes first, and has the focus. */
export function ConfirmDialog({ open, title, action, onConfirm, onClose, children }: ConfirmDialogProps) {
  return (
    <Dialog open={open} title={title} onClose={onClose}>
      <div className="mb-4 text-[13px] text-ink-soft">{children}</div>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          className="border-bad! text-bad"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
