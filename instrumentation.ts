/** Under `next start`: boots the runtime with the server, and drains it on SIGTERM. `server.ts` does both by itself. */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return;
  const { bootUnderNext } = await import('./lib/runtime/boot-under-next.ts');
  await bootUnderNext();
}
