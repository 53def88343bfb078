import { expect, test } from 'vitest';
import { parseSyslog } from './parse-syslog.ts';
import type { SyslogMessage } from './syslog-message.ts';

const NOW = Date.UTC(2026, 10, 29, 12);

/** As it reads, with the priority as `facility.severity`, and nothing that is undefined. */
function read(line: string): Record<string, unknown> {
  const { priority, timeMs, params, ...rest } = parseSyslog(line, NOW);
  const named: Omit<SyslogMessage, 'priority' | 'timeMs' | 'params'> = rest;
  return Object.fromEntries(
    Object.entries({
      ...named,
      pri: priority && `${priority.facility}.${priority.severity}`,
      time: timeMs === undefined ? undefined : new Date(timeMs).toISOString(),
      params: params?.length ? Object.fromEntries(params) : undefined,
    }).filter(([, value]) => value !== undefined),
  );
}

const AT = '2026-10-11T22:14:15.003Z';

test.each<[string, string, Record<string, unknown>]>([
  [
    'the first example of RFC 5424',
    `<34>1 ${AT} mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8`,
    {
      ...{ pri: 'auth.crit', time: AT, host: 'mymachine.example.com', app: 'su', msgId: 'ID47' },
      text: "'su root' failed for lonvick on /dev/pts/8",
    },
  ],
  [
    'structured data with escapes, a bracket that is not escaped, and two elements',
    `<165>1 ${AT} h evntslog 8710 ID47 [ex@32473 iut="3" s="a\\"b\\\\c\\]d]e" x=""][two@1 y="z"] text`,
    {
      ...{ pri: 'local4.notice', time: AT, host: 'h', app: 'evntslog', pid: '8710', msgId: 'ID47', text: 'text' },
      params: { 'ex@32473.iut': '3', 'ex@32473.s': 'a"b\\c]d]e', 'ex@32473.x': '', 'two@1.y': 'z' },
    },
  ],
  [
    'what rsyslog makes of RFC 3164: the space after the tag is not of the text',
    '<14>1 - h a - - -  t',
    { pri: 'user.info', host: 'h', app: 'a', text: 't' },
  ],
  ['an element without parameters', `<14>1 - - - - - [a] t`, { pri: 'user.info', text: 't' }],
  ['structured data alone', `<14>1 - - - - - [a b="c"]`, { pri: 'user.info', params: { 'a.b': 'c' }, text: '' }],
  ['nothing but nil values', '<14>1 - - - - - -', { pri: 'user.info', text: '' }],
  [
    'an offset and microseconds',
    '<14>1 2026-10-11T22:14:15.003456-07:00 h a - - - t',
    { pri: 'user.info', time: '2026-10-12T05:14:15.003Z', host: 'h', app: 'a', text: 't' },
  ],
  [
    'structured data that never ends: it is text',
    '<14>1 - h a - - [x y="z oh no',
    { pri: 'user.info', host: 'h', app: 'a', text: '[x y="z oh no' },
  ],
  [
    'no structured data at all, as Heroku sends it',
    '<40>1 2026-11-29T06:45:29+00:00 host app web.3 - State changed from starting to up',
    {
      ...{ pri: 'syslog.emerg', time: '2026-11-29T06:45:29.000Z', host: 'host', app: 'app', pid: 'web.3' },
      text: 'State changed from starting to up',
    },
  ],
  [
    'a time of RFC 5424 that does not exist is kept as it was written',
    '<14>1 2026-02-30T00:00:00Z h a - - - t',
    { pri: 'user.info', unreadTime: '2026-02-30T00:00:00Z', host: 'h', app: 'a', text: 't' },
  ],
  ['a header of RFC 5424 that breaks off', '<14>1 2026-', { pri: 'user.info', text: '1 2026-' }],
  [
    'what rsyslog forwards: RFC 3164 with a precise time',
    '<30>2026-11-29T10:00:00.123456+00:00 web1 systemd[1]: Started thing.',
    {
      pri: 'daemon.info',
      time: '2026-11-29T10:00:00.123Z',
      host: 'web1',
      app: 'systemd',
      pid: '1',
      text: 'Started thing.',
    },
  ],
  ['a priority alone', '<13>hello world', { pri: 'user.notice', text: 'hello world' }],
  [
    'a priority and a tag with a number',
    '<13>app[77]: hello',
    { pri: 'user.notice', app: 'app', pid: '77', text: 'hello' },
  ],
  [
    'a priority and a word with a colon, which may be text',
    '<11>error: disk full',
    { pri: 'user.err', text: 'error: disk full' },
  ],
  ['the largest priority', '<191>x', { pri: 'local7.debug', text: 'x' }],
  ['a priority that is too large', '<192>x', { text: '<192>x' }],
  ['a priority that is none', '<abc>x', { text: '<abc>x' }],
  ['a line without a priority', 'just some text', { text: 'just some text' }],
  [
    'a number of a message of Cisco',
    '<189>45: %SYS-5-CONFIG_I: Configured',
    { pri: 'local7.notice', sequence: '45', text: '%SYS-5-CONFIG_I: Configured' },
  ],
])('%s', (_title, line, expected) => {
  expect(read(line)).toEqual(expected);
});

const LOCAL = new Date(2026, 9, 11, 22, 14, 15).toISOString();

test.each<[string, string, Record<string, unknown>]>([
  [
    'the example of RFC 3164',
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
    { pri: 'auth.crit', host: 'mymachine', app: 'su', text: "'su root' failed" },
  ],
  [
    'a tag with parentheses and no priority',
    'Oct 11 22:14:15 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0',
    { host: 'combo', app: 'sshd(pam_unix)', pid: '19939', text: 'authentication failure; logname= uid=0' },
  ],
  [
    'a tag with a slash',
    '<22>Oct 11 22:14:15 mx postfix/smtpd[42]: connect',
    { pri: 'mail.info', host: 'mx', app: 'postfix/smtpd', pid: '42', text: 'connect' },
  ],
  [
    'no host, as busybox sends it',
    '<13>Oct 11 22:14:15 root: hello',
    { pri: 'user.notice', app: 'root', text: 'hello' },
  ],
  [
    'no host and a number',
    '<46>Oct 11 22:14:15 syslogd[9]: started',
    { pri: 'syslog.info', app: 'syslogd', pid: '9', text: 'started' },
  ],
  [
    'a number without a colon',
    '<13>Oct 11 22:14:15 h app[5] hello',
    { pri: 'user.notice', host: 'h', app: 'app', pid: '5', text: 'hello' },
  ],
  ['no tag', '<13>Oct 11 22:14:15 h just text', { pri: 'user.notice', host: 'h', text: 'just text' }],
  ['a time and one word', '<13>Oct 11 22:14:15 word', { pri: 'user.notice', text: 'word' }],
  ['a time alone', '<13>Oct 11 22:14:15', { pri: 'user.notice', text: '' }],
  ['an empty message', '<13>Oct 11 22:14:15 h app:', { pri: 'user.notice', host: 'h', app: 'app', text: '' }],
  [
    'spaces before the text stay',
    '<13>Oct 11 22:14:15 h sudo:   user : TTY=x',
    { pri: 'user.notice', host: 'h', app: 'sudo', text: '  user : TTY=x' },
  ],
  [
    'a year after the day, of an ASA',
    '<166>Oct 11 2026 22:14:15 fw01 : %ASA-6-302013: Built',
    { pri: 'local4.info', host: 'fw01', text: '%ASA-6-302013: Built' },
  ],
  [
    'a colon after the time',
    '<166>Oct 11 2026 22:14:15: %ASA-6-302013: Built',
    { pri: 'local4.info', text: '%ASA-6-302013: Built' },
  ],
  [
    'IOS with a number and a star',
    '<189>45: *Oct 11 22:14:15: %SYS-5-CONFIG_I: Configured',
    { pri: 'local7.notice', sequence: '45', text: '%SYS-5-CONFIG_I: Configured' },
  ],
  [
    'IOS with its name and milliseconds',
    '<189>46: router1: *Oct 11 22:14:15.000: %LINK-3-UPDOWN: up',
    { pri: 'local7.notice', sequence: '46', host: 'router1', text: '%LINK-3-UPDOWN: up' },
  ],
  [
    'IOS with a zone that only it knows',
    '<189>47: Oct 11 22:14:15.000 CEST: %LINK-3-UPDOWN: up',
    { pri: 'local7.notice', sequence: '47', text: '%LINK-3-UPDOWN: up' },
  ],
])('in the zone of the server: %s', (_title, line, expected) => {
  expect(read(line)).toEqual({ ...expected, time: LOCAL });
});

// From the public collection loghub: Linux and OpenSSH.
test.each<[string, string | undefined, string | undefined, string]>([
  [
    'Jun 15 12:12:34 combo sshd(pam_unix)[23397]: check pass; user unknown',
    'sshd(pam_unix)',
    '23397',
    'check pass; user unknown',
  ],
  [
    'Jun 15 04:06:18 combo su(pam_unix)[21416]: session opened for user cyrus by (uid=0)',
    'su(pam_unix)',
    '21416',
    'session opened for user cyrus by (uid=0)',
  ],
  ['Jun 19 04:09:11 combo syslogd 1.4.1: restart.', undefined, undefined, 'syslogd 1.4.1: restart.'],
  [
    'Jul  7 08:06:15 combo  -- root[2421]: ROOT LOGIN ON tty2',
    undefined,
    undefined,
    ' -- root[2421]: ROOT LOGIN ON tty2',
  ],
  [
    'Jul 27 14:41:57 combo kernel: klogd 1.4.1, log source = /proc/kmsg started.',
    'kernel',
    undefined,
    'klogd 1.4.1, log source = /proc/kmsg started.',
  ],
  [
    'Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186',
    'sshd',
    '24200',
    'Invalid user webmaster from 173.234.31.186',
  ],
])('%s', (line, app, pid, text) => {
  const host = line.includes('LabSZ') ? 'LabSZ' : 'combo';
  expect(parseSyslog(line, NOW)).toMatchObject({ host, text, ...(app && { app }), ...(pid && { pid }) });
  expect(parseSyslog(line, NOW).app).toBe(app);
});
