export type Opened = {
  readonly host: string;
  readonly port: number;
  readonly demo: boolean;
  readonly grpcPort: number | undefined;
  readonly mqttPort: number | undefined;
  /** Opens once; undefined: nobody needs it. */
  readonly onceSecret: string | undefined;
  /** Senders are asked for a token. */
  readonly isDemanded: boolean;
  readonly listeners: Readonly<Record<string, number>>;
};

/** Tells where the dashboard is and how to send the first event: the one thing printed for a person to read. */
export function welcome(opened: Opened): void {
  const { host, port, demo, grpcPort, mqttPort, onceSecret, isDemanded, listeners } = opened;
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${shown}:${port}`;
  const doors = [
    'SSE /api/stream',
    'WebSocket /api/ws',
    'long poll /api/poll',
    'MQTT /mqtt',
    ...(mqttPort === undefined ? [] : [`MQTT ${shown}:${mqttPort}`]),
    ...(grpcPort === undefined ? [] : [`gRPC ${shown}:${grpcPort}`]),
  ];
  const token = isDemanded ? " -H 'authorization: Bearer <a token from /access>'" : '';
  const taken = Object.entries(listeners).map(([name, at]) => `${name} ${shown}:${at}`);
  process.stdout.write(`
  Tailrace is ready: ${url}${demo ? '   (with demo data)' : ''}
  Streams by ${doors.join(' · ')}${taken.length > 0 ? `\n  Takes ${taken.join(' · ')}` : ''}

${onceSecret === undefined ? '' : firstLogin(url, onceSecret)}  Send a first event:
    curl ${url}/api/events${token} -H 'content-type: application/json' -d '{"message":"hello, tailrace"}'

  Send a log file, and what is written to it from now on:
    npx tailrace tail app.log --url ${url}${isDemanded ? ' --token <a token>' : ''}

  What else sends here, with lines to copy:
    ${url}/sources

`);
}

/** Behind `#`, which no browser sends and no log of a proxy sees; a page that was only looked at does not use it up. */
export function firstLogin(url: string, secret: string): string {
  return `  Everybody logs in here, and nobody can yet. This link opens once, within an hour:
    ${url}/login#once=${secret}

`;
}
