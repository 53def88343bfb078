'use client';

import { TriangleAlert } from 'lucide-react';
import { Button } from '@/components/ui/button.tsx';
import { Notice } from '@/components/ui/notice.tsx';

type PageErrorProps = { error: Error & { digest?: string }; retry: () => void };

/** A page that could not be made. In production Next hides the message of a server error and gives its digest. */
export function PageError({ error, retry }: PageErrorProps) {
  const actions = (
    <Button look="accent" onClick={() => retry()}>
      Try again
    </Button>
  );
  return (
    <Notice icon={<TriangleAlert size={32} aria-hidden />} title="This page could not be loaded" actions={actions}>
      <p role="alert">
        The server met an error while it made the page. What has been received is kept, and the stream goes on by
        itself.
        {error.digest && (
          <span className="mt-2 block font-mono text-[12px]">Look for digest {error.digest} in the server’s log.</span>
        )}
      </p>
    </Notice>
  );
}
