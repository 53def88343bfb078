import type { SourceEvent } from '@/lib/core/source.ts';

/** A log as a protocol's parser gives it. */
export type LogSourceEvent = Extract<SourceEvent, { kind: 'log' }>;
