/** Holds this thread up, without using the processor: what else runs on the machine is not measured along. */
export function stallLoop(stallMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
}
