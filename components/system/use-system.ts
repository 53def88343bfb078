'use client';

import { useCallback, useState } from 'react';
import { useWatch } from '@/lib/client/use-watch.ts';
import { type SystemFrame, type SystemReport, type SystemSample, systemFrameSchema } from '@/lib/wire/system-pages.ts';
import { joinSamples } from './sample-columns.ts';

export type System = {
  readonly report: SystemReport | undefined;
  readonly samples: readonly SystemSample[];
  readonly status: 'connecting' | 'open' | 'lost';
};

const NONE: readonly SystemSample[] = [];

/** Follows the server's report on itself, and keeps a quarter of an hour of its samples. */
export function useSystem(): System {
  const [samples, setSamples] = useState(NONE);
  const onFrame = useCallback((frame: SystemFrame) => {
    setSamples((kept) => joinSamples(kept, frame.samples));
  }, []);
  const { frame, status } = useWatch('/api/system/stream', 'system', systemFrameSchema, onFrame);
  return { report: frame?.report, samples, status };
}
