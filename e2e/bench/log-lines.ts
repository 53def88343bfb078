/** Log events of ordinary size (about 230 bytes as JSON); `message` begins with the time of sending in µs. */
export function logLine(index: number): string {
  const sentUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
  return JSON.stringify({
    kind: 'log',
    level: index % 50 === 0 ? 'error' : index % 10 === 0 ? 'warn' : 'info',
    service: SERVICES[index % SERVICES.length],
    message: `@${sentUs}@ GET /api/cart/${index} 200 in ${index % 97} ms`,
    attributes: { path: '/api/cart', status: 200, region: 'eu-central', requestId: (index * 2654435761).toString(16) },
  });
}

const SERVICES = ['storefront', 'checkout', 'payments', 'inventory'];

export function ndjson(from: number, count: number): string {
  let text = '';
  for (let index = from; index < from + count; index += 1) text += `${logLine(index)}\n`;
  return text;
}
