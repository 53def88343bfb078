import Link from 'next/link';
import type { ReactNode } from 'react';

/** From an empty screen to the lines for what the reader has already. */
export function OtherWays({ guide, children }: { guide: string; children: ReactNode }) {
  return (
    <p>
      What you have may know the way already:{' '}
      <Link href={`/sources?add=${guide}`} className="text-accent underline underline-offset-2">
        add {children}
      </Link>
      .
    </p>
  );
}
