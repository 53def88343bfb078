/** Of a terminal that does not say. */
const COLUMNS_ELSE = 80;

/** What a command says on standard error; on a terminal its last line tells how far it is. */
export function openStatus(stderr: NodeJS.WriteStream) {
  let isShown = false;
  // Whoever listened has gone: the work goes on.
  stderr.on('error', () => undefined);
  const clear = (): void => {
    if (isShown) stderr.write('\r\u001b[K');
    isShown = false;
  };
  return {
    tell: (sentence: string): void => {
      clear();
      stderr.write(`${sentence}\n`);
    },
    progress: stderr.isTTY
      ? (text: string): void => {
          clear();
          stderr.write(text.slice(0, (stderr.columns || COLUMNS_ELSE) - 1));
          isShown = text !== '';
        }
      : undefined,
  };
}
