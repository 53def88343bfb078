/** The lines of `log-lines.ts` as OTLP has them, for both of its encodings. */
export type OtlpLine = {
  readonly service: string;
  readonly timeNanos: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string | number>>;
};

export const SERVICES = ['storefront', 'checkout', 'payments', 'inventory'];

export function otlpLine(index: number): OtlpLine {
  const nowMs = performance.timeOrigin + performance.now();
  const [severityNumber, severityText] =
    index % 50 === 0 ? [17, 'ERROR'] : index % 10 === 0 ? [13, 'WARN'] : [9, 'INFO'];
  return {
    service: SERVICES[index % SERVICES.length] ?? '',
    timeNanos: `${Math.round(nowMs * 1000)}000`,
    severityNumber: Number(severityNumber),
    severityText: String(severityText),
    message: `@${Math.round(nowMs * 1000)}@ GET /api/cart/${index} 200 in ${index % 97} ms`,
    attributes: { path: '/api/cart', status: 200, region: 'eu-central', requestId: (index * 2654435761).toString(16) },
  };
}

/** Of each service what it has, as a collector's batches are ordered. */
export function byService(from: number, count: number): Map<string, OtlpLine[]> {
  const lists = new Map<string, OtlpLine[]>();
  for (let index = from; index < from + count; index += 1) {
    const line = otlpLine(index);
    const list = lists.get(line.service);
    if (list) list.push(line);
    else lists.set(line.service, [line]);
  }
  return lists;
}
