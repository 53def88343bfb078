'use client';

import { Droplets, SearchX } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { Notice } from '@/components/ui/notice.tsx';

const subscribe = () => () => {};

/** The first screen of a new installation: it teaches the one thing to do next. */
export function LogEmpty({ publicUrl }: { publicUrl: string }) {
  const origin = useSyncExternalStore(
    subscribe,
    () => location.origin,
    () => publicUrl,
  );
  const oneLine = `curl ${origin}/api/events -H 'content-type: application/json' \\
  -d '{"level":"info","service":"shell","message":"hello, tailrace"}'`;
  const oneFile = `curl ${origin}/api/events -H 'content-type: application/x-ndjson' \\
  --data-binary @events.ndjson`;
  return (
    <Notice icon={<Droplets size={32} aria-hidden />} title="Waiting for the first line">
      <p className="mb-4">Send one, and it appears here at once. Nothing needs to be reloaded.</p>
      <Example title="One line" command={oneLine} />
      <Example title="A file, one JSON object a line" command={oneFile} />
    </Notice>
  );
}

function Example({ title, command }: { title: string; command: string }) {
  return (
    <section className="mb-3 overflow-hidden rounded-md border border-line bg-raised text-left">
      <div className="flex items-center justify-between border-line border-b px-3 py-1">
        <h3 className="text-xs font-medium text-ink-soft">{title}</h3>
        <CopyButton label="Copy" text={command} />
      </div>
      <pre className="p-3 font-mono text-[12px] [overflow-wrap:anywhere] whitespace-pre-wrap text-ink">{command}</pre>
    </section>
  );
}

export function LogNoMatch({ onClear }: { onClear: () => void }) {
  return (
    <Notice
      icon={<SearchX size={32} aria-hidden />}
      title="No line matches this filter"
      actions={
        <Button look="accent" onClick={onClear}>
          Clear the filter
        </Button>
      }
    >
      <p>The stream goes on: a line that matches appears here as soon as it arrives.</p>
    </Notice>
  );
}
