'use client';

import { Keyboard } from 'lucide-react';
import { usePathname, useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { IconButton } from '@/components/ui/button.tsx';
import { ConnectionBadge } from './connection-badge.tsx';
import { Navigation, SCREENS, screenAt } from './navigation.tsx';
import { ShortcutDialog } from './shortcut-dialog.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import { useShortcuts } from './use-shortcuts.ts';
import { UserMenu } from './user-menu.tsx';

export function AppShell({ demo, children }: { demo: boolean; children: ReactNode }) {
  const [helpOpen, setHelpOpen] = useState(false);
  const pathname = usePathname();
  const router = useRouter();
  useShortcuts([
    ['?', () => setHelpOpen(true)],
    ...SCREENS.map(({ href }, index) => [String(index + 1), () => router.push(href)] as const),
  ]);

  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only z-50 rounded bg-accent px-3 py-2 text-accent-ink focus:not-sr-only focus:absolute focus:top-1 focus:left-1"
      >
        Skip to content
      </a>
      <Navigation />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="flex h-11 shrink-0 items-center gap-2 border-line border-b bg-sunken px-2 sm:px-3">
          <h1 className="mr-auto truncate text-[15px] font-semibold max-sm:sr-only">
            {screenAt(pathname)?.name ?? (pathname === '/access' ? 'Access' : 'Tailrace')}
          </h1>
          {demo && (
            <span
              className="rounded border border-warn px-1.5 py-0.5 text-[11px] text-warn whitespace-nowrap"
              title="A synthetic shop adds events of its own; each carries the attribute demo=true."
            >
              demo data
            </span>
          )}
          <ConnectionBadge />
          <div className="ml-auto flex sm:ml-0">
            <IconButton label="Keyboard shortcuts" className="max-md:hidden" onClick={() => setHelpOpen(true)}>
              <Keyboard size={16} aria-hidden />
            </IconButton>
            <ThemeSwitch />
            <UserMenu />
          </div>
        </header>
        <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          {children}
        </main>
      </div>
      <ShortcutDialog open={helpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}
