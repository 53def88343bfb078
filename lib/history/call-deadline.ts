/** Why a call is given up that has not been answered in time. */
export const TIMED_OUT = Symbol('timed out');

type Call<T> = {
  readonly signal?: AbortSignal | undefined;
  readonly work: (signal: AbortSignal) => Promise<T>;
};

/** What the call comes to in time. Later outcomes are of no interest; the signal tells the store so. */
export function withDeadline<T>({ work, signal }: Call<T>, timeoutMs: number): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let leave = (): void => undefined;
  const outcome = new Promise<T>((resolve, reject) => {
    const giveUp = (reason: unknown): void => {
      reject(reason);
      controller.abort(reason);
    };
    leave = () => giveUp(signal?.reason);
    timer = setTimeout(giveUp, timeoutMs, TIMED_OUT);
    signal?.addEventListener('abort', leave, { once: true });
    work(controller.signal).then(resolve, reject);
  });
  return outcome.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  });
}
