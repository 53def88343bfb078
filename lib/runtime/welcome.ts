/** Tells where the dashboard is and how to send the first event: the one thing printed for a person to read. */
export function welcome({ host, port, demo }: { host: string; port: number; demo: boolean }): void {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${shown}:${port}`;
  process.stdout.write(`
  Tailrace is ready: ${url}${demo ? '   (with demo data)' : ''}

  Send a first event:
    curl ${url}/api/events -H 'content-type: application/json' -d '{"message":"hello, tailrace"}'

  Send a file, one JSON object a line:
    curl ${url}/api/events -H 'content-type: application/x-ndjson' --data-binary @events.ndjson

`);
}
