import { DOORS, type Guide, type Snippet } from './snippet.ts';
import { curlToken, hostOf, type Place, portOf, socketOf, TOKEN_VARIABLE, withToken } from './snippet-place.ts';

const ELASTICSEARCH = ['elasticsearch'] as const;
const SYSLOG = ['syslog'] as const;
const GELF = ['gelf'] as const;
const VARIABLE = `\${${TOKEN_VARIABLE}}`;

/** What ships logs already, and only has to be told of another place. */
export const SHIPPER_GUIDES: readonly Guide[] = [
  { id: 'syslog', name: 'syslog', snippets: syslog },
  { id: 'elasticsearch', name: 'Elasticsearch', snippets: elasticsearch },
  { id: 'splunk', name: 'Splunk HEC', snippets: splunk },
  { id: 'gelf', name: 'GELF', snippets: gelf },
  { id: 'forward', name: 'Fluent', snippets: forward },
];

function syslog(place: Place): Snippet[] {
  const host = hostOf(place);
  const port = place.ports['syslog'] ?? DOORS.syslog.example;
  const common = { protocols: SYSLOG, door: DOORS.syslog };
  const rsyslog = (protocol: string, more: string) =>
    `*.* action(type="omfwd" target="${host}" port="${port}" protocol="${protocol}"${more}
         template="RSYSLOG_SyslogProtocol23Format")`;
  return [
    {
      title: 'One line',
      text: `logger --server ${host} --port ${port} --tcp --rfc5424 'hello, tailrace'`,
      ...common,
    },
    {
      title: 'rsyslog over TCP: /etc/rsyslog.d/90-tailrace.conf',
      text: rsyslog('tcp', ' TCP_Framing="octet-counted"'),
      ...common,
      note: 'Then: systemctl restart rsyslog',
    },
    {
      title: 'rsyslog over UDP',
      text: rsyslog('udp', ''),
      ...common,
      note: 'UDP loses lines without telling anybody; TCP does not.',
    },
  ];
}

function elasticsearch(place: Place): Snippet[] {
  const url = `${place.origin}/elasticsearch`;
  const isSecure = place.origin.startsWith('https:');
  const beats = withToken(place, VARIABLE, (token) => `\n  username: tailrace\n  password: "${token}"`);
  const fluent = withToken(
    place,
    VARIABLE,
    (token) => `\n    HTTP_User          tailrace\n    HTTP_Passwd        ${token}`,
  );
  const logstash = withToken(place, VARIABLE, (token) => `\n    user => "tailrace"\n    password => "${token}"`);
  return [
    {
      title: 'Filebeat',
      text: `setup.ilm.enabled: false
setup.template.enabled: false
output.elasticsearch:
  hosts: ["${url}"]${beats}`,
      protocols: ELASTICSEARCH,
    },
    {
      title: 'Fluent Bit',
      text: `[OUTPUT]
    Name               es
    Match              *
    Host               ${hostOf(place)}
    Port               ${portOf(place)}
    Path               /elasticsearch
    tls                ${isSecure ? 'On' : 'Off'}
    Suppress_Type_Name On${fluent}`,
      protocols: ELASTICSEARCH,
    },
    {
      title: 'Logstash',
      text: `output {
  elasticsearch {
    hosts => ["${url}"]
    data_stream => false
    ilm_enabled => false
    manage_template => false${logstash}
  }
}`,
      protocols: ELASTICSEARCH,
    },
    {
      title: 'curl',
      text: `printf '%s\\n' '{"create":{"_index":"shell"}}' '{"message":"hello, tailrace"}' |
  curl ${url}/_bulk${curlToken(place)} \\
  -H 'content-type: application/x-ndjson' --data-binary @-`,
      protocols: ELASTICSEARCH,
    },
  ];
}

function splunk(place: Place): Snippet[] {
  return [
    {
      title: 'curl',
      text: `curl ${place.origin}/services/collector${curlToken(place, 'Splunk')} \\
  -d '{"event":"hello, tailrace","source":"shell"}'`,
      protocols: ['splunk'],
    },
    {
      title: "Docker's driver",
      isOfDocker: true,
      text: `docker run --log-driver splunk \\
  --log-opt splunk-url=${place.origin} \\
  --log-opt splunk-token="${place.token ?? (place.token === null ? 'any' : `$${TOKEN_VARIABLE}`)}" \\
  alpine echo 'hello, tailrace'`,
      protocols: ['splunk'],
    },
  ];
}

function gelf(place: Place): Snippet[] {
  return [
    {
      title: "Docker's driver",
      isOfDocker: true,
      text: `docker run --log-driver gelf \\
  --log-opt gelf-address=udp://${socketOf(place, 'gelf', DOORS.gelf.example)} \\
  alpine echo 'hello, tailrace'`,
      protocols: GELF,
      door: DOORS.gelf,
    },
    {
      title: 'curl',
      text: `curl ${place.origin}/gelf${curlToken(place)} \\
  -d '{"version":"1.1","host":"shell","short_message":"hello, tailrace","level":6}'`,
      protocols: GELF,
    },
  ];
}

function forward(place: Place): Snippet[] {
  const port = place.ports['forward'] ?? DOORS.forward.example;
  const common = { protocols: ['forward'], door: DOORS.forward };
  return [
    {
      title: 'Fluent Bit',
      text: `[OUTPUT]
    Name                 forward
    Match                *
    Host                 ${hostOf(place)}
    Port                 ${port}
    Require_ack_response On`,
      ...common,
      note: 'With acknowledgements Fluent Bit sends again what was not stored. Where TAILRACE_FORWARD_SHARED_KEY is set: Shared_Key and Self_Hostname too.',
    },
    {
      title: 'Fluentd',
      text: `<match **>
  @type forward
  require_ack_response
  <server>
    host ${hostOf(place)}
    port ${port}
  </server>
</match>`,
      ...common,
      note: 'Where TAILRACE_FORWARD_SHARED_KEY is set: <security> with self_hostname and shared_key too.',
    },
    {
      title: "Docker's driver",
      isOfDocker: true,
      text: `docker run --log-driver fluentd \\
  --log-opt fluentd-address=${socketOf(place, 'forward', DOORS.forward.example)} \\
  alpine echo 'hello, tailrace'`,
      ...common,
      note: 'It knows no shared key.',
    },
  ];
}
