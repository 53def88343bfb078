'use client';

import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { formatValue } from '@/components/metrics/format-unit.ts';
import { AdminToken } from '@/components/ui/admin-token.tsx';
import { Button } from '@/components/ui/button.tsx';
import { AdminError } from '@/lib/client/admin-request.ts';
import { useWhyNot } from '@/lib/client/visitor-provider.tsx';
import { fetchDownload, saveDownload } from './download.ts';
import { Calm, Panel } from './panel.tsx';

type Kind = { readonly name: string; readonly url: string; readonly file: string; readonly wait: string };

const KINDS: readonly Kind[] = [
  {
    name: 'Heap snapshot',
    url: '/api/diagnostics/heap-snapshot',
    file: 'tailrace.heapsnapshot',
    wait: 'The server stands still while it writes the snapshot…',
  },
  {
    name: 'CPU profile (10 s)',
    url: '/api/diagnostics/cpu-profile?seconds=10',
    file: 'tailrace.cpuprofile',
    wait: 'Profiling for 10 s…',
  },
];

type Said = { readonly ok: boolean; readonly text: string };

/** Files for the developer tools of a browser: what fills the memory, and where the time goes. */
export function DiagnosticsPanel({ enabled }: { enabled: boolean }) {
  if (enabled) return <EnabledPanel />;
  return (
    <Panel title="Diagnostics">
      <Calm>
        Off. <code className="font-mono text-[12px]">TAILRACE_DIAGNOSTICS=1 npm start</code> enables heap snapshots and
        CPU profiles to be downloaded here.
      </Calm>
    </Panel>
  );
}

function EnabledPanel() {
  const { busy, said, refused, take } = useDownload();
  const whyNot = useWhyNot('administer');
  return (
    <Panel title="Diagnostics" aside="open the files in the developer tools of a Chromium browser">
      <div className="flex min-h-11 flex-wrap items-center gap-2 px-3 py-2 text-[13px]">
        {KINDS.map((kind) => (
          <Button
            key={kind.name}
            disabled={busy || whyNot !== undefined}
            title={whyNot}
            onClick={() => void take(kind)}
          >
            <Download size={13} aria-hidden />
            {kind.name}
          </Button>
        ))}
        <p role="status" className={said?.ok === false ? 'text-bad' : 'text-ink-soft'}>
          {said?.text}
        </p>
      </div>
      {refused && (
        <div className="px-3 pb-3">
          <AdminToken onEntered={() => void take(refused.kind)}>{refused.text}</AdminToken>
        </div>
      )}
    </Panel>
  );
}

function useDownload() {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<Said>();
  const [refused, setRefused] = useState<{ kind: Kind; text: string }>();
  const aborter = useRef<AbortController>(undefined);
  useEffect(() => () => aborter.current?.abort(), []);

  const take = async (kind: Kind): Promise<void> => {
    aborter.current = new AbortController();
    const { signal } = aborter.current;
    setBusy(true);
    setRefused(undefined);
    setSaid({ ok: true, text: kind.wait });
    try {
      const onBytes = (bytes: number) => setSaid({ ok: true, text: `Receiving: ${formatValue(bytes, 'By')}` });
      const download = await fetchDownload(kind.url, kind.file, onBytes, signal);
      saveDownload(download);
      setSaid({ ok: true, text: `${download.name}, ${formatValue(download.blob.size, 'By')}, is in your downloads.` });
    } catch (error) {
      if (signal.aborted) return;
      const text = error instanceof AdminError ? error.message : 'The file could not be kept by this browser.';
      const needsToken = error instanceof AdminError && error.needsToken;
      setRefused(needsToken ? { kind, text } : undefined);
      setSaid(needsToken ? undefined : { ok: false, text });
    } finally {
      setBusy(false);
    }
  };
  return { busy, said, refused, take };
}
