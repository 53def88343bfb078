import { Compass } from 'lucide-react';
import Link from 'next/link';
import { Notice } from '@/components/ui/notice.tsx';

export default function NotFound() {
  return (
    <Notice icon={<Compass size={32} aria-hidden />} title="There is no such page">
      <p>
        The screens are{' '}
        <Link className="text-accent underline" href="/logs">
          logs
        </Link>
        ,{' '}
        <Link className="text-accent underline" href="/metrics">
          metrics
        </Link>
        ,{' '}
        <Link className="text-accent underline" href="/sources">
          sources
        </Link>
        ,{' '}
        <Link className="text-accent underline" href="/connections">
          connections
        </Link>{' '}
        and{' '}
        <Link className="text-accent underline" href="/system">
          system
        </Link>
        .
      </p>
    </Notice>
  );
}
