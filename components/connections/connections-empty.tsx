'use client';

import { Radio } from 'lucide-react';
import { curlToken, type SenderPlace } from '@/components/sources/snippet-place.ts';
import { Command } from '@/components/ui/command.tsx';
import { Notice } from '@/components/ui/notice.tsx';
import { useOrigin } from '@/components/ui/use-origin.ts';

export function ConnectionsEmpty({ place: { publicUrl, token } }: { place: SenderPlace }) {
  const origin = useOrigin(publicUrl);
  return (
    <Notice icon={<Radio size={32} aria-hidden />} title="No connections">
      <p className="mb-4">Open the Logs screen in another browser, or follow the stream from a terminal:</p>
      <Command title="Follow the stream" command={`curl -N ${origin}/api/stream${curlToken({ token })}`} />
    </Notice>
  );
}
