/** One line of the README's table. */
export type Row = {
  readonly what: string;
  readonly measured: string;
  readonly floor: string;
  readonly target: string;
};

export function round(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
