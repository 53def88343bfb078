/**
 * Where a long piece of work may end: throws the signal's reason when it is aborted. It gives the event loop a turn first,
 * since SQLite answers without one, and nobody could abort anything meanwhile.
 */
export async function stopPoint(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return;
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
