import type { ResourceLedger } from '@/lib/core/ledger.ts';
import type { HistoryStore } from '@/lib/history/history-port.ts';
import type { Sink } from '@/lib/stream/sink.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import { Chaos, type ChaosPorts } from './chaos.ts';
import { FaultyHistory } from './faulty-history.ts';
import { FaultySink } from './faulty-sink.ts';
import { LineFaults } from './line-faults.ts';
import { stallLoop } from './stall-loop.ts';

export type StartChaosOptions = Pick<ChaosPorts, 'log' | 'now'> & {
  /** The bare history. */
  readonly store: HistoryStore;
  readonly ledger: ResourceLedger;
};

export type StartedChaos = {
  readonly chaos: Chaos;
  /** To be used instead of `store`, inside whatever guards it. */
  readonly history: HistoryStore;
  /** For the hub; without it no connection could be disturbed, nor pays for the possibility. */
  wrapSink(sink: Sink, onReady: () => void): Sink;
  /** Names the hub that has been given `wrapSink`, once there is one. */
  attach(hub: Pick<StreamHub, 'cut' | 'onSessionClosed'>): void;
};

/** Joins what can be broken; only where the settings allow it. */
export function startChaos({ store, log, now, ledger }: StartChaosOptions): StartedChaos {
  const owner = ledger.owner('chaos');
  const lines = new LineFaults({ now, owner });
  const history = new FaultyHistory({ store, now, owner });
  let cut: ChaosPorts['cut'] = () => 0;
  return {
    chaos: new Chaos({ cut: (share) => cut(share), stall: stallLoop, lines, history, log, now, owner }),
    history,
    wrapSink: (sink, onReady) => new FaultySink(sink, onReady, lines, Math.random()),
    attach(hub) {
      cut = (share) => hub.cut(share);
      // A sink is not told that its client has left: what it holds back would stay until it is due.
      hub.onSessionClosed((session, reason) => {
        // These ends leave the line to what follows on it.
        if (reason !== 'resubscribed' && reason !== 'answered') session.writer.destroy();
      });
    },
  };
}
