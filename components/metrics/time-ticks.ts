const STEPS_MS = [
  5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000,
  10_800_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Round moments inside a window, at most `count`; round in the reader's zone, which `offsetMs` is ahead of UTC. */
export function timeTicks(fromMs: number, toMs: number, count: number, offsetMs = 0): number[] {
  const wantedMs = (toMs - fromMs) / Math.max(1, count);
  const stepMs = STEPS_MS.find((each) => each >= wantedMs) ?? 86_400_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs - offsetMs; at <= toMs; at += stepMs) ticks.push(at);
  return ticks.slice(0, Math.max(1, count));
}

const LABEL_PX = 32;
const LABEL_SECONDS_PX = 50;

/** Those whose label ends inside the chart: `pxOf` tells how far a moment is from the chart's right edge. */
export function ticksInside(ticks: readonly number[], pxOf: (timeMs: number) => number): number[] {
  const halfPx = (needSeconds(ticks) ? LABEL_SECONDS_PX : LABEL_PX) / 2;
  return ticks.filter((timeMs) => pxOf(timeMs) >= halfPx);
}

/** Ticks closer than a minute need their seconds. */
export function needSeconds(ticks: readonly number[]): boolean {
  return ticks.some((timeMs) => timeMs % 60_000 !== 0);
}

/** "14:02", or "14:02:15". */
export function formatTick(timeMs: number, seconds: boolean): string {
  const date = new Date(timeMs);
  const pad = (value: number) => String(value).padStart(2, '0');
  const minutes = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  return seconds ? `${minutes}:${pad(date.getSeconds())}` : minutes;
}

/** How far the reader's zone is ahead of UTC at a moment. */
export function zoneOffsetMs(timeMs: number): number {
  return -new Date(timeMs).getTimezoneOffset() * 60_000;
}
