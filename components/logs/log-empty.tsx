'use client';

import { Droplets, SearchX } from 'lucide-react';
import Link from 'next/link';
import { Button } from '@/components/ui/button.tsx';
import { Command } from '@/components/ui/command.tsx';
import { Notice } from '@/components/ui/notice.tsx';
import { useOrigin } from '@/components/ui/use-origin.ts';

/** The first screen of a new installation: it teaches the one thing to do next. */
export function LogEmpty({ publicUrl }: { publicUrl: string }) {
  const origin = useOrigin(publicUrl);
  const oneLine = `curl ${origin}/api/events \\
  -H 'content-type: application/json' \\
  -d '{"level":"info","service":"shell","message":"hello, tailrace"}'`;
  const oneFile = `printf '%s\\n' '{"message":"one"}' '{"level":"warn","message":"two"}' > events.ndjson
curl ${origin}/api/events \\
  -H 'content-type: application/x-ndjson' \\
  --data-binary @events.ndjson`;
  return (
    <Notice icon={<Droplets size={32} aria-hidden />} title="Waiting for the first line">
      <p className="mb-4">Send one, and it appears here at once. Nothing needs to be reloaded.</p>
      <Command title="One line" command={oneLine} />
      <Command title="A file, one JSON object a line" command={oneFile} />
      <p>
        What you have may know the way already:{' '}
        <Link href="/sources?add=curl" className="text-accent underline underline-offset-2">
          add a program, OpenTelemetry, Loki, Prometheus, syslog and more
        </Link>
        .
      </p>
    </Notice>
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
