'use client';

import { Activity, Logs, Radio } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Logo } from './logo.tsx';

export const SCREENS = [
  { href: '/logs', name: 'Logs', Icon: Logs },
  { href: '/metrics', name: 'Metrics', Icon: Activity },
  { href: '/connection', name: 'Connection', Icon: Radio },
] as const;

/** A rail on the left of wide windows, a bar under the thumb on phones. */
export function Navigation() {
  const pathname = usePathname();
  return (
    <nav
      aria-label="Screens"
      className="z-20 flex shrink-0 border-line bg-sunken max-md:order-last max-md:border-t max-md:pb-[env(safe-area-inset-bottom)] md:w-[76px] md:flex-col md:border-r"
    >
      <Link
        href="/logs"
        aria-label="Tailrace, home"
        className="flex h-11 items-center justify-center text-accent max-md:hidden"
      >
        <Logo />
      </Link>
      {SCREENS.map(({ href, name, Icon }) => {
        const current = pathname === href || pathname.startsWith(`${href}/`);
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? 'page' : undefined}
            className={`relative flex flex-1 flex-col items-center justify-center gap-0.5 py-1.5 text-[11px] md:h-14 md:flex-none ${current ? 'bg-hover text-ink' : 'text-ink-soft hover:bg-hover hover:text-ink'}`}
          >
            {current && (
              <span
                aria-hidden
                className="absolute bg-accent max-md:inset-x-4 max-md:top-0 max-md:h-0.5 md:inset-y-2 md:left-0 md:w-0.5"
              />
            )}
            <Icon size={18} aria-hidden className={current ? 'text-accent' : ''} />
            {name}
          </Link>
        );
      })}
    </nav>
  );
}
