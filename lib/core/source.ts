import type { LogInput, MetricInput } from './event.ts';

export type SourceEvent = (LogInput & { kind: 'log' }) | MetricInput;

/**
 * A producer of events inside this process. `start` begins to emit into the sink and returns once it is set up;
 * the function it returns stops it and releases whatever it holds. The sink never throws and never blocks: it
 * validates, buffers within a bound, and counts what it had to refuse.
 */
export type Source = {
  readonly name: string;
  start(sink: SourceSink): Promise<StopSource>;
};

export type SourceSink = (events: readonly SourceEvent[]) => void;
export type StopSource = () => Promise<void>;
