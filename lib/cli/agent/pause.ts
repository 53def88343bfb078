/** Waits; comes back early, and without an error, when aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    if (signal.aborted) go();
    else signal.addEventListener('abort', go, { once: true });
  });
}
