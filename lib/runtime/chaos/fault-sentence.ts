import type { Fault } from '@/lib/wire/chaos.ts';

/** What a lasting fault does, as a sentence without its end: "… for 10 s" follows. */
export function sentenceOf(fault: Fault): string {
  switch (fault.fault) {
    case 'delay':
      return `holding back every frame of ${connections(fault.share)} by ${fault.delayMs} ms`;
    case 'throttle':
      return `letting ${fault.bytesPerSecond} bytes a second through to ${connections(fault.share)}`;
    case 'duplicate':
      return `sending events twice to ${connections(fault.share)}`;
    case 'history':
      return fault.mode === 'down' ? 'the history is down' : `the history takes ${fault.delayMs} ms longer`;
    default:
      return fault.fault;
  }
}

function connections(share: number): string {
  return share === 1 ? 'all connections' : `${Math.round(share * 100)} % of the connections`;
}
