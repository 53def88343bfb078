/** Streams of a program. */
export type StreamName = 'stdout' | 'stderr';

/**
 * A piece of a stream as it goes into the spool: each line in the form in which Kubernetes' runtimes write it, with the time
 * at which it came; what has no line end yet as a partial one, so that nothing waits in memory. Bytes stay as they are.
 */
export function spoolRecords(piece: Buffer, stream: StreamName, timeMs: number): Buffer {
  // As Latin-1 every byte is a character and comes back as the same byte.
  const text = piece.toString('latin1');
  const head = `${new Date(timeMs).toISOString()} ${stream} `;
  const end = text.lastIndexOf('\n');
  const whole = end === -1 ? '' : `${head}F ${text.slice(0, end).replaceAll('\n', `\n${head}F `)}\n`;
  const rest = end === text.length - 1 ? '' : `${head}P ${text.slice(end + 1)}\n`;
  return Buffer.from(whole + rest, 'latin1');
}

/** Ends what an earlier run may have left open: a record cut by a crash, and partial lines. */
export function closingRecords(timeMs: number): Buffer {
  const time = new Date(timeMs).toISOString();
  return Buffer.from(`\n${time} stdout F \n${time} stderr F \n`);
}
