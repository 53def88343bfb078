'use client';

import { Activity, Cable, HeartPulse, Logs, Radio } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useVisitor } from '@/lib/client/visitor-provider.tsx';
import type { Need } from '@/lib/core/principal.ts';
import { Logo } from './logo.tsx';

/** `also` is a further address of the same screen. */
export const SCREENS = [
  { href: '/logs', name: 'Logs', Icon: Logs },
  { href: '/metrics', name: 'Metrics', Icon: Activity },
  { href: '/sources', name: 'Sources', Icon: Cable },
  { href: '/connections', name: 'Connections', Icon: Radio, also: '/connection' },
  { href: '/system', name: 'System', Icon: HeartPulse },
] as const;

/** What tells of everybody is not for who sees a part. */
const NEEDS: Readonly<Partial<Record<string, Need>>> = { '/connections': 'inspect', '/system': 'inspect' };

export type Screen = (typeof SCREENS)[number];

export function screenAt(pathname: string): Screen | undefined {
  const isUnder = (href: string) => pathname === href || pathname.startsWith(`${href}/`);
  return SCREENS.find((screen) => isUnder(screen.href) || ('also' in screen && isUnder(screen.also)));
}

/** A rail on the left of wide windows, a bar under the thumb on phones. */
export function Navigation() {
  const pathname = usePathname();
  const { may } = useVisitor();
  const screens = SCREENS.filter(({ href }) => may.includes(NEEDS[href] ?? 'view'));
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
      {screens.map((screen) => {
        const { href, name, Icon } = screen;
        const current = screen === screenAt(pathname);
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
