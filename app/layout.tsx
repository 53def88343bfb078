import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { AppShell } from '@/components/shell/app-shell.tsx';
import { THEME_SCRIPT } from '@/components/shell/theme.ts';
import { TailraceProvider } from '@/lib/client/tailrace-provider.tsx';
import { VisitorProvider } from '@/lib/client/visitor-provider.tsx';
import { loginPath } from '@/lib/core/next-path.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { getRuntime, type Runtime } from '@/lib/runtime/runtime.ts';
import { PATH_HEADER, visitorOf, whoLooks } from './guarded-page.tsx';
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
  const app = await getRuntime();
  const all = await headers();
  const principal = await whoLooks(app);
  const path = all.get(PATH_HEADER);
  // Here, and not only in the page, since a page's head may have been sent by the time that it is asked.
  const isLogin = path !== null && /^\/login(?:[/?]|$)/.test(path);
  if (!principal && path !== null && !isLogin) redirect(loginPath(path));
  return (
    // The script below sets an attribute that the server could not know.
    <html lang="en" suppressHydrationWarning>
      <head>
        <script
          nonce={all.get('x-nonce') ?? undefined}
          // A browser shows no nonce to scripts, so the page cannot find the one that the server wrote.
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of this program, needed before the first paint
          dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }}
        />
      </head>
      <body>
        {principal && !isLogin ? (
          <Inside app={app} principal={principal}>
            {children}
          </Inside>
        ) : (
          children
        )}
      </body>
    </html>
  );
}

type InsideProps = { app: Runtime; principal: Principal; children: ReactNode };

/** What everybody gets who has been let in. */
function Inside({ app: { config }, principal, children }: InsideProps) {
  return (
    <VisitorProvider visitor={visitorOf(principal)}>
      <TailraceProvider settings={{ transports: config.transports }}>
        <AppShell demo={config.demo !== undefined}>{children}</AppShell>
      </TailraceProvider>
    </VisitorProvider>
  );
}
