import type { Metadata, Viewport } from 'next';
import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { AppShell } from '@/components/shell/app-shell.tsx';
import { THEME_SCRIPT } from '@/components/shell/theme.ts';
import { TailraceProvider } from '@/lib/client/tailrace-provider.tsx';
import { getRuntime } from '@/lib/runtime/runtime.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Tailrace', template: '%s · Tailrace' },
  description: 'Live logs and metrics, where no event is ever lost without saying so.',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f2f3f2' },
    { media: '(prefers-color-scheme: dark)', color: '#090b0d' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  await connection();
  const { config } = await getRuntime();
  return (
    // The script below sets an attribute that the server could not know.
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of this program, needed before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <TailraceProvider settings={{ transports: config.transports }}>
          <AppShell demo={config.demo !== undefined}>{children}</AppShell>
        </TailraceProvider>
      </body>
    </html>
  );
}
