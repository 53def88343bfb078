import { DOORS, type Guide, type Snippet } from './snippet.ts';
import { curlToken, hostOf, type Place, socketOf, TOKEN_VARIABLE, withToken } from './snippet-place.ts';

const EVENTS = ['events'] as const;
const JSON_TYPE = `-H 'content-type: application/json'`;
const NDJSON_TYPE = `-H 'content-type: application/x-ndjson'`;

/** The ways of this server itself: nothing has to be installed but curl, or this program. */
export const OWN_GUIDES: readonly Guide[] = [
  { id: 'curl', name: 'curl', snippets: curl },
  { id: 'pipe', name: 'A program', snippets: pipe },
  { id: 'file', name: 'A file', snippets: file },
];

export const OWN_SOCKET_GUIDES: readonly Guide[] = [
  { id: 'mqtt', name: 'MQTT', snippets: mqtt },
  { id: 'grpc', name: 'gRPC', snippets: grpc },
];

type Address = Pick<Place, 'origin' | 'token'>;

function curlEvents(place: Address): string {
  return `curl ${place.origin}/api/events${curlToken(place)} \\\n `;
}

export function curlLine(place: Address): string {
  return `${curlEvents(place)} ${JSON_TYPE} \\\n  -d '{"level":"info","service":"shell","message":"hello, tailrace"}'`;
}

export function curlSample(place: Address): string {
  return `${curlEvents(place)} ${JSON_TYPE} \\\n  -d '{"kind":"metric","service":"shell","name":"queue.depth","value":3}'`;
}

function curl(place: Place): Snippet[] {
  return [
    {
      title: 'One line, or an array of them',
      text: curlLine(place),
      protocols: EVENTS,
    },
    {
      title: 'One sample of a metric',
      text: curlSample(place),
      protocols: EVENTS,
    },
    {
      title: 'A file, one JSON object a line',
      text: `${curlEvents(place)} ${NDJSON_TYPE} \\\n  --data-binary @events.ndjson`,
      protocols: EVENTS,
      note: 'Each line is answered for itself: what is wrong with one keeps no other out.',
    },
  ];
}

/** The variable is read by the command itself: only a token that is known has to be written. */
function commandLine(place: Place, command: string): string {
  const token = place.token ? ` --token ${place.token}` : '';
  return `npx tailrace ${command} --url ${place.origin}${token}`;
}

function commandNote(place: Place, note: string): string {
  return place.token === undefined ? `${note} ${TOKEN_VARIABLE} is read from the environment.` : note;
}

function pipe(place: Place): Snippet[] {
  return [
    {
      title: 'Whatever a program writes',
      text: `node app.js 2>&1 | ${commandLine(place, 'pipe --service api')}`,
      protocols: EVENTS,
      note: commandNote(place, 'JSON, logfmt or plain text. The output still appears on the terminal.'),
    },
    {
      title: 'A program that is started by it',
      text: `${commandLine(place, 'pipe --service api')} -- node app.js`,
      protocols: EVENTS,
      note: 'Ends as the program ends; an attribute tells stdout from stderr.',
    },
    {
      title: 'A container that is running',
      isOfDocker: true,
      text: `docker logs -f api 2>&1 | ${commandLine(place, 'pipe --service api')}`,
      protocols: EVENTS,
    },
  ];
}

function file(place: Place): Snippet[] {
  return [
    {
      title: 'Files that grow, also across rotation',
      text: commandLine(place, "tail '/var/log/app/*.log' --service app"),
      protocols: EVENTS,
      note: commandNote(place, 'How far each file was sent is remembered: nothing is sent twice after a restart.'),
    },
    {
      title: 'A file as it is, once',
      text: commandLine(place, 'tail --once access.log.1.gz --service web'),
      protocols: EVENTS,
    },
    {
      title: "A unit of systemd's journal",
      text: commandLine(place, 'tail --journal --unit nginx'),
      protocols: EVENTS,
    },
  ];
}

function mqtt(place: Place): Snippet[] {
  const port = place.ports['mqtt'] ?? DOORS.mqtt.example;
  const user = withToken(place, `$${TOKEN_VARIABLE}`, (token) => ` \\\n  -u tailrace -P "${token}"`);
  return [
    {
      title: 'A line',
      text: `mosquitto_pub -h ${hostOf(place)} -p ${port}${user} \\\n  -t tailrace/ingest/sensor -q 1 -m 'hello, tailrace'`,
      protocols: ['mqtt'],
      door: DOORS.mqtt,
      note: 'The last part of the topic is the service. A message of JSON is an event, or an array of them.',
    },
    {
      title: 'A sample of a metric',
      text: `mosquitto_pub -h ${hostOf(place)} -p ${port}${user} \\\n  -t tailrace/ingest/sensor -q 1 \\\n  -m '{"kind":"metric","name":"temperature","value":21.5,"unit":"Cel"}'`,
      protocols: ['mqtt'],
      door: DOORS.mqtt,
    },
  ];
}

function grpc(place: Place): Snippet[] {
  const header = withToken(place, `$${TOKEN_VARIABLE}`, (token) => ` \\\n  -H "authorization: Bearer ${token}"`);
  return [
    {
      title: 'A batch of one',
      text: `grpcurl -plaintext${header} \\\n  -d '{"events":[{"service":"shell","log":{"message":"hello, tailrace"}}]}' \\\n  ${socketOf(place, 'grpc', DOORS.grpc.example)} tailrace.v1.Tailrace/PublishBatch`,
      protocols: ['grpc'],
      door: DOORS.grpc,
      note: 'The server tells its services by reflection: no .proto file is needed.',
    },
  ];
}
