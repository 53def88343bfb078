export type Line = {
  readonly name: string;
  /** 1 to 4: which of the page's line colours. */
  readonly color: number;
  /** undefined: nothing was measured, and the line has a hole. */
  readonly values: readonly (number | undefined)[];
};

export type Chart = {
  readonly title: string;
  readonly unit: string;
  /** Seconds since the beginning, one for each value. */
  readonly atS: readonly number[];
  readonly lines: readonly Line[];
  /** Vertical lines: where a stage begins. */
  readonly marks: readonly { readonly atS: number; readonly name: string }[];
};

const [WIDTH, HEIGHT] = [640, 220];
const PLOT = { left: 56, right: 12, top: 20, bottom: 24 } as const;
const TICKS = 4;
/** Width of a letter of the small print, about. */
const TICK_CHAR = 7;
/** More than there are pixels would only make the file large. */
const POINTS_MAX = 600;

/** A line chart as SVG; its colours are the page's `--line-1` … `--line-4`, so that it follows light and dark. */
export function svgChart({ title, unit, atS, lines, marks }: Chart): string {
  const [first, last] = [atS[0] ?? 0, atS.at(-1) ?? 1];
  const top = niceTop(Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const x = (s: number): number =>
    PLOT.left + ((s - first) / Math.max(1e-9, last - first)) * (WIDTH - PLOT.left - PLOT.right);
  const y = (value: number): number => HEIGHT - PLOT.bottom - (value / top) * (HEIGHT - PLOT.top - PLOT.bottom);
  const grid = Array.from({ length: TICKS + 1 }, (_, index) => (top * index) / TICKS).map(
    (value) =>
      `<line class="grid" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${round(y(value))}" y2="${round(y(value))}"/>` +
      `<text class="tick" x="${PLOT.left - 6}" y="${round(y(value) + 4)}" text-anchor="end">${short(value)}</text>`,
  );
  const stages = marks.map(({ atS: s, name }, index) => {
    const hasRoom = x(marks[index + 1]?.atS ?? Number.POSITIVE_INFINITY) - x(s) > name.length * TICK_CHAR;
    const isLate = x(s) + name.length * TICK_CHAR > WIDTH;
    const label = hasRoom
      ? `<text class="tick" x="${round(x(s) + 3)}" y="${PLOT.top - 8}"${isLate ? ' text-anchor="middle"' : ''}>${escapeHtml(name)}</text>`
      : '';
    return `<line class="mark" x1="${round(x(s))}" x2="${round(x(s))}" y1="${PLOT.top - 6}" y2="${HEIGHT - PLOT.bottom}"/>${label}`;
  });
  const times = [first, (first + last) / 2, last].map((s, index) => {
    const anchor = ['start', 'middle', 'end'][index];
    return `<text class="tick" x="${round(x(s))}" y="${HEIGHT - 6}" text-anchor="${anchor}">${Math.round(s)} s</text>`;
  });
  const paths = lines.map(({ color, values }) => `<path class="line line-${color}" d="${pathOf(values, atS, x, y)}"/>`);
  const legend = lines.map(({ name, color }) => `<span class="key key-${color}">${escapeHtml(name)}</span>`);
  return [
    `<figure><figcaption>${escapeHtml(title)} <small>${escapeHtml(unit)}</small><span class="legend">${legend.join('')}</span></figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">`,
    ...grid,
    ...stages,
    ...times,
    ...paths,
    '</svg></figure>',
  ].join('');
}

/** The least round number that is not below: quarters of it are round enough for an axis. */
export function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function pathOf(
  values: readonly (number | undefined)[],
  atS: readonly number[],
  x: (s: number) => number,
  y: (value: number) => number,
): string {
  const every = Math.ceil(values.length / POINTS_MAX);
  let path = '';
  let isDown = false;
  for (let from = 0; from < values.length; from += every) {
    // The greatest of those that share a point: a peak of one second is what is looked for.
    const some = values.slice(from, from + every).filter((value) => value !== undefined);
    if (some.length > 0) path += `${isDown ? 'L' : 'M'}${round(x(atS[from] ?? 0))} ${round(y(Math.max(...some)))}`;
    isDown = some.length > 0;
  }
  return path;
}

function short(value: number): string {
  const [size, letter] = value >= 1e6 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
  return `${(value / size).toLocaleString('en-US', { maximumFractionDigits: 2 })}${letter}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
