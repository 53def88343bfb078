'use client';

import { type ReactNode, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { ConfirmDialog } from '@/components/ui/confirm-dialog.tsx';
import { failureText } from '@/components/ui/failure-text.ts';
import { plain } from '@/components/ui/plain-text.ts';
import { adminRequest } from '@/lib/client/admin-request.ts';

type RemovalProps = {
  /** What the button does: "Revoke". */
  action: string;
  /** What it is done to, for who hears the page. */
  of: string;
  url: string;
  onDone: () => void;
  /** What will happen. */
  children: ReactNode;
};

/** Takes something back for good, after asking. */
export function Removal({ action, of, url, onDone, children }: RemovalProps) {
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<string>();
  const remove = async () => {
    setError(undefined);
    try {
      await adminRequest('DELETE', url);
      onDone();
    } catch (failure) {
      setError(failureText(failure));
    }
  };
  return (
    <>
      <Button look="quiet" aria-label={`${action} ${plain(of)}`} onClick={() => setAsking(true)}>
        {action}…
      </Button>
      {error && (
        <span role="alert" className="text-[12px] whitespace-normal text-bad">
          {error}
        </span>
      )}
      <ConfirmDialog
        open={asking}
        title={`${action} ${plain(of)}?`}
        action={action}
        onConfirm={() => void remove()}
        onClose={() => setAsking(false)}
      >
        {children}
      </ConfirmDialog>
    </>
  );
}
