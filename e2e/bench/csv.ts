/** Rows of a CSV (RFC 4180) as objects by the names in its first line. */
export function readCsv(text: string): Record<string, string>[] {
  const [header = [], ...rows] = cells(text);
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])));
}

function cells(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      const pieces: string[] = [];
      do {
        const close = text.indexOf('"', at + 1);
        pieces.push(text.slice(at + 1, close));
        at = close + 1;
      } while (text[at] === '"');
      cell = pieces.join('"');
    } else {
      let end = at;
      while (end < text.length && !',\r\n'.includes(text.charAt(end))) end += 1;
      cell = text.slice(at, end);
      at = end;
    }
    row.push(cell);
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    while (text[at] === '\r' || text[at] === '\n') at += 1;
    rows.push(row);
    row = [];
  }
  return rows;
}
