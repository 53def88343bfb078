import { DOORS, type Guide, type Snippet } from './snippet.ts';
import { curlToken, type Place, TOKEN_VARIABLE, withToken } from './snippet-place.ts';

const OTLP = ['otlp', 'otlp-grpc'] as const;
const LOKI = ['loki'] as const;

/** Protocols of telemetry that others have defined, over HTTP on the dashboard's own port. */
export const STANDARD_GUIDES: readonly Guide[] = [
  { id: 'otlp', name: 'OpenTelemetry', snippets: openTelemetry },
  { id: 'loki', name: 'Loki', snippets: loki },
  { id: 'prometheus', name: 'Prometheus', isOfMetrics: true, snippets: prometheus },
];

function openTelemetry(place: Place): Snippet[] {
  const { origin } = place;
  // Blanks are not allowed in this variable: it is read as the header `baggage` is.
  const headers = withToken(
    place,
    `$${TOKEN_VARIABLE}`,
    (token) => `\nexport OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${token}"`,
  );
  const variables = `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf${headers}`;
  const collectorToken = withToken(
    place,
    `\${env:${TOKEN_VARIABLE}}`,
    (token) => `\n    headers:\n      authorization: "Bearer ${token}"`,
  );
  // Headers of its own, if only none: the exporter would send a beacon otherwise, which always has the reader's cookies with it.
  const browserHeaders =
    place.token === null
      ? ', headers: {}'
      : withToken(place, `<${TOKEN_VARIABLE}>`, (token) => `,\n  headers: { authorization: 'Bearer ${token}' }`);
  return [
    { title: 'Any SDK: environment', text: `${variables}\nexport OTEL_SERVICE_NAME=api`, protocols: OTLP },
    {
      title: 'Node',
      text: `npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node
${variables}
export OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp
node --require @opentelemetry/auto-instrumentations-node/register app.js`,
      protocols: OTLP,
    },
    {
      title: 'Python',
      text: `pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http
${variables}
export OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED=true
opentelemetry-instrument --logs_exporter otlp --metrics_exporter otlp python app.py`,
      protocols: OTLP,
    },
    {
      title: 'Java',
      text: `${variables}
export OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp
java -javaagent:opentelemetry-javaagent.jar -jar app.jar`,
      protocols: OTLP,
    },
    {
      title: 'Collector',
      text: `exporters:
  otlphttp/tailrace:
    endpoint: ${origin}${collectorToken}
service:
  pipelines:
    logs:
      receivers: [otlp]
      exporters: [otlphttp/tailrace]
    metrics:
      receivers: [otlp]
      exporters: [otlphttp/tailrace]`,
      protocols: OTLP,
    },
    {
      title: 'A page, in the browser',
      text: `// npm install @opentelemetry/sdk-logs @opentelemetry/exporter-logs-otlp-http
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
const exporter = new OTLPLogExporter({ url: '${origin}/v1/logs'${browserHeaders} });
const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor(exporter)] });
provider.getLogger('page').emit({ severityText: 'INFO', body: 'hello, tailrace' });`,
      protocols: OTLP,
      note: 'Name the origin of the page in TAILRACE_ALLOWED_ORIGINS. Whoever sees the page sees its key: give it one that may send and nothing else.',
    },
    {
      title: 'SDKs as they come, without any variable',
      text: `node app.js   # sends to http://localhost:${place.ports['otlp'] ?? DOORS.otlp.example} by itself`,
      protocols: OTLP,
      door: DOORS.otlp,
    },
  ];
}

function loki(place: Place): Snippet[] {
  const url = `${place.origin}/loki/api/v1/push`;
  const alloyToken = withToken(place, '', (token) => {
    return `\n    bearer_token = ${token === '' ? `sys.env("${TOKEN_VARIABLE}")` : JSON.stringify(token)}`;
  });
  const promtailToken = withToken(place, `\${${TOKEN_VARIABLE}}`, (token) => `\n    bearer_token: ${token}`);
  const pinoToken = withToken(place, `$${TOKEN_VARIABLE}`, (token) => ` \\\n  --user tailrace --password "${token}"`);
  const dockerUrl = withToken(place, `$${TOKEN_VARIABLE}`, (token) => `tailrace:${token}@`);
  return [
    {
      title: 'Grafana Alloy',
      text: `loki.write "tailrace" {
  endpoint {
    url = "${url}"${alloyToken}
  }
}`,
      protocols: LOKI,
    },
    {
      title: 'promtail',
      text: `clients:\n  - url: ${url}${promtailToken}`,
      protocols: LOKI,
      note: promtailToken.includes('${') ? 'The variable is read with -config.expand-env=true.' : undefined,
    },
    {
      title: "Docker's driver",
      isOfDocker: true,
      text: `docker run --log-driver loki \\\n  --log-opt loki-url="${url.replace('://', `://${dockerUrl}`)}" \\\n  --log-opt loki-retries=5 alpine echo 'hello, tailrace'`,
      protocols: LOKI,
      note: 'Install it once: docker plugin install grafana/loki-docker-driver --alias loki --grant-all-permissions',
    },
    {
      title: 'pino',
      text: `node app.js | npx pino-loki --hostname ${place.origin} \\\n  --labels '{"service":"api"}'${pinoToken}`,
      protocols: LOKI,
    },
    {
      title: 'curl',
      text: `curl ${url}${curlToken(place)} \\\n  -H 'content-type: application/json' \\\n  -d '{"streams":[{"stream":{"service":"shell"},"values":[["'$(date +%s%N)'","hello, tailrace"]]}]}'`,
      protocols: LOKI,
    },
  ];
}

function prometheus(place: Place): Snippet[] {
  const credentials = withToken(
    place,
    '<the token: no variable is read here>',
    (token) => `\n    authorization:\n      credentials: ${token}`,
  );
  const now = place.scrape.map(({ job, url }) => `${job} (${url})`).join(', ');
  return [
    {
      title: 'Remote write: in prometheus.yml',
      text: `remote_write:\n  - url: ${place.origin}/api/v1/write${credentials}`,
      protocols: ['remote-write'],
    },
    {
      title: 'Scrape: Tailrace fetches',
      text: 'TAILRACE_SCRAPE=node=http://127.0.0.1:9100/metrics npm start',
      protocols: ['scrape'],
      note:
        now === '' ? 'Several addresses with commas between. Nothing is scraped now.' : `What is scraped now: ${now}.`,
    },
  ];
}
