/** A moment in the reader's own time, to the minute. */
export function when(ms: number | null): string {
  return ms === null ? 'never' : new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
