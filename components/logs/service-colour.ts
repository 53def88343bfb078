const COLOURS = 12;

/** FNV-1a: short names that differ in one letter must not share a colour by habit. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value ^ (value >>> 15)) >>> 0;
}

/** The same service has the same colour in every list, on every machine, in both themes. */
export function serviceColour(service: string): string {
  return `var(--source-${hash(service) % COLOURS})`;
}

/** Colours of lines that share a chart: in turn, so that neighbours always differ. */
export function lineColour(index: number): string {
  return `var(--source-${index % COLOURS})`;
}
