'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

const VIEWS = [
  { href: '/connections', name: 'All connections' },
  { href: '/connection', name: 'This browser' },
] as const;

/** Two views of one subject, each with an address of its own: what the server sees, and what this browser sees. */
export function ConnectionTabs() {
  const pathname = usePathname();
  return (
    <nav aria-label="Connections" className="flex h-9 shrink-0 gap-1 border-line border-b px-2">
      {VIEWS.map(({ href, name }) => {
        const current = pathname === href;
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? 'page' : undefined}
            className={`relative flex items-center px-2 text-[13px] ${current ? 'font-medium text-ink' : 'text-ink-soft hover:text-ink'}`}
          >
            {name}
            {current && <span aria-hidden className="absolute inset-x-1 -bottom-px h-0.5 bg-accent" />}
          </Link>
        );
      })}
    </nav>
  );
}
