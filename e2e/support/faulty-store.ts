import type { HistoryStore } from '@/lib/history/history-port.ts';

/** A history that every call fails on while it is down, as when its disk has gone. */
export class FaultyStore {
  isDown = false;
  readonly wrap = (store: HistoryStore): HistoryStore => {
    const call = <Given extends unknown[], T>(method: (...given: Given) => Promise<T>) => {
      return (...given: Given): Promise<T> =>
        this.isDown ? Promise.reject(new Error('the disk has gone')) : method.apply(store, given);
    };
    return {
      open: call(store.open),
      append: call(store.append),
      read: call(store.read),
      bounds: call(store.bounds),
      seqAtTime: call(store.seqAtTime),
      receipts: call(store.receipts),
      queryMetrics: call(store.queryMetrics),
      mqttSession: call(store.mqttSession),
      saveMqttSessions: call(store.saveMqttSessions),
      accessSnapshot: call(store.accessSnapshot),
      saveAccess: call(store.saveAccess),
      audit: call(store.audit),
      retain: call(store.retain),
      close: () => store.close(),
    };
  };
}
