import { Lock } from 'lucide-react';
import Link from 'next/link';
import { Notice } from './notice.tsx';

/** Instead of a page that is not for whoever asks. */
export function NotAllowed({ why }: { why: string }) {
  return (
    <Notice icon={<Lock size={32} aria-hidden />} title="You may not see this page">
      <p>
        {why}. Ask an administrator, or go to the{' '}
        <Link className="text-accent underline" href="/logs">
          logs
        </Link>
        .
      </p>
    </Notice>
  );
}
