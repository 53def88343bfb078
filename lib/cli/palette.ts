import type { Level } from '@/lib/core/level.ts';

/** Paints a text that holds no escape sequence of its own. */
export type Paint = (text: string) => string;

export type Palette = {
  readonly dim: Paint;
  readonly service: Paint;
  readonly metric: Paint;
  /** A fact about the stream: a gap, a lost connection. */
  readonly notice: Paint;
  readonly level: Readonly<Record<Level, Paint>>;
};

/** @param paint makes a painter of an SGR code (ECMA-48 §8.3.117) */
function palette(paint: (codes: string) => Paint): Palette {
  return {
    dim: paint('2'),
    service: paint('36'),
    metric: paint('35'),
    notice: paint('1;33'),
    level: {
      trace: paint('2'),
      debug: paint('34'),
      info: paint('32'),
      warn: paint('33'),
      error: paint('31'),
      fatal: paint('1;97;41'),
    },
  };
}

export const COLOURED = palette((codes) => (text) => `\u001b[${codes}m${text}\u001b[0m`);
export const PLAIN = palette(() => (text) => text);

/**
 * @param asked by `--color` or `--no-color`; undefined: a terminal gets colours
 * @param noColour the environment's NO_COLOR: set and not empty means none (no-color.org)
 */
export function paletteFor(asked: boolean | undefined, isTerminal: boolean, noColour: string | undefined): Palette {
  return (asked ?? (isTerminal && !noColour)) ? COLOURED : PLAIN;
}
