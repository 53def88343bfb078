'use client';

import { Droplets } from 'lucide-react';
import { OtherWays } from '@/components/sources/other-ways.tsx';
import { curlLine } from '@/components/sources/own-snippets.ts';
import { curlToken, type SenderPlace } from '@/components/sources/snippet-place.ts';
import { Command } from '@/components/ui/command.tsx';
import { Notice } from '@/components/ui/notice.tsx';
import { useOrigin } from '@/components/ui/use-origin.ts';

/** The first screen of a new installation: it teaches the one thing to do next. */
export function LogEmpty({ place: { publicUrl, token } }: { place: SenderPlace }) {
  const place = { origin: useOrigin(publicUrl), token };
  const oneFile = `printf '%s\\n' '{"message":"one"}' '{"level":"warn","message":"two"}' > events.ndjson
curl ${place.origin}/api/events${curlToken(place)} \\
  -H 'content-type: application/x-ndjson' \\
  --data-binary @events.ndjson`;
  return (
    <Notice icon={<Droplets size={32} aria-hidden />} title="Waiting for the first line">
      <p className="mb-4">Send one, and it appears here at once. Nothing needs to be reloaded.</p>
      <Command title="One line" command={curlLine(place)} />
      <Command title="A file, one JSON object a line" command={oneFile} />
      <OtherWays guide="curl">a program, OpenTelemetry, Loki, Prometheus, syslog and more</OtherWays>
    </Notice>
  );
}
