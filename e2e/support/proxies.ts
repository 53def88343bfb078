import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { repoRoot } from './in-process-server.ts';
import { freePort } from './server-process.ts';
import { until } from './wait.ts';

export type ProxyName = 'nginx' | 'haproxy' | 'caddy';
export const PROXY_NAMES: readonly ProxyName[] = ['nginx', 'haproxy', 'caddy'];

/** What is written in `docs/proxies`, and what a test puts there instead. */
export type Edit = readonly [documented: string | RegExp, used: string];

export type ProxyOptions = {
  /** Address of Tailrace. */
  readonly upstream: string;
  readonly upstreamGrpcPort?: number | undefined;
  readonly upstreamMqttPort?: number | undefined;
  /** Instead of the documented 60 s. */
  readonly timeoutS?: number;
  /** Takes the mark of the TLS lines away, with a certificate made for the test. */
  readonly tls?: boolean;
  readonly edits?: readonly Edit[];
};

const PORT_NAMES = ['http', 'https', 'grpc', 'grpcs', 'mqtts'] as const;
type Ports = Readonly<Record<(typeof PORT_NAMES)[number], number>>;
type Ground = ProxyOptions & { readonly dir: string; readonly ports: Ports };

const FILES: Readonly<Record<ProxyName, string>> = {
  nginx: 'docs/proxies/nginx.conf',
  haproxy: 'docs/proxies/haproxy.cfg',
  caddy: 'docs/proxies/Caddyfile',
};

const COMMANDS: Readonly<Record<ProxyName, (file: string) => string[]>> = {
  nginx: (file) => ['-g', 'daemon off;', '-c', file],
  haproxy: (file) => ['-W', '-db', '-f', file],
  caddy: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
};

/**
 * Everything in which a configuration under test differs from the documented one: ports, paths, users, and time, which is
 * scaled so that a test takes seconds.
 */
const EDITS: Readonly<Record<ProxyName, (ground: Ground) => Edit[]>> = {
  nginx: ({ dir, ports, timeoutS }) => [
    ['user www-data;', `user ${userInfo().username};`],
    ['pid /run/nginx.pid;', `pid ${dir}/nginx.pid;`],
    ['/var/log/nginx/error.log', 'stderr'],
    ['access_log /var/log/nginx/access.log;', temporaryPaths(dir)],
    ['listen 80;', `listen 127.0.0.1:${ports.http};`],
    ['listen 443 ', `listen 127.0.0.1:${ports.https} `],
    ['listen 50051 ', `listen 127.0.0.1:${ports.grpc} `],
    ['listen 50052 ', `listen 127.0.0.1:${ports.grpcs} `],
    ...scale(/\b60s;/g, timeoutS, (text) => `${text};`),
  ],
  haproxy: ({ dir, ports, timeoutS }) => [
    ['    user haproxy\n    group haproxy\n    log /dev/log local0\n', ''],
    ['    log global\n', ''],
    ['    option httplog\n', ''],
    ['maxconn 20000', 'maxconn 500'],
    ['bind :80\n', `bind 127.0.0.1:${ports.http}\n`],
    ['bind :443 ', `bind 127.0.0.1:${ports.https} `],
    ['bind :50051 ', `bind 127.0.0.1:${ports.grpc} `],
    ['bind :50052 ', `bind 127.0.0.1:${ports.grpcs} `],
    ['bind :8883 ', `bind 127.0.0.1:${ports.mqtts} `],
    ['/etc/ssl/tailrace', dir],
    ...scale(/\b60s$/gm, timeoutS),
  ],
  caddy: ({ ports, timeoutS }) => [
    // The port on which it takes orders would be the same for all.
    ['{\n\tservers :50051', '{\n\tadmin off\n\tservers :50051'],
    ['servers :50051', `servers 127.0.0.1:${ports.grpc}`],
    ['\n:80 {', `\n:${ports.http} {\n\tbind 127.0.0.1`],
    ['\n:50051 {', `\n:${ports.grpc} {\n\tbind 127.0.0.1`],
    ...scale(/\b60s$/gm, timeoutS),
  ],
};

function scale(documented: RegExp, timeoutS: number | undefined, spell = (text: string) => text): Edit[] {
  return timeoutS === undefined ? [] : [[documented, spell(`${timeoutS}s`)]];
}

/** nginx makes these even where the configuration never uses them, and only root may do so in the documented place. */
function temporaryPaths(dir: string): string {
  const names = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return ['access_log off;', ...names.map((name) => `${name}_temp_path ${dir}/${name};`)].join(' ');
}

/** Where Debian keeps servers: not on everybody's PATH. */
function find(binary: string): string | undefined {
  const dirs = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return dirs.map((dir) => join(dir, binary)).find((path) => existsSync(path));
}

/** Why the tests of a proxy cannot run on this machine; undefined when they can. CI takes no reason (scripts/test.mjs). */
export function whyNot(name: ProxyName): string | undefined {
  const missing = [name, 'openssl'].filter((binary) => find(binary) === undefined);
  return missing.length > 0 ? `not installed: ${missing.join(', ')} (apt-get install ${missing.join(' ')})` : undefined;
}

/** The documented configuration of a real proxy, run in a process group of its own as the present user. */
export class ProxyProcess {
  readonly name: ProxyName;
  readonly ports: Ports;
  readonly #dir: string;
  readonly #file: string;
  #child: ChildProcess | undefined;
  output = '';

  private constructor(name: ProxyName, ground: Ground) {
    this.name = name;
    this.ports = ground.ports;
    this.#dir = ground.dir;
    this.#file = join(ground.dir, name);
    writeFileSync(this.#file, configure(name, ground));
  }

  static async start(name: ProxyName, options: ProxyOptions): Promise<ProxyProcess> {
    const ports = await freePorts();
    const dir = mkdtempSync(join(tmpdir(), `tailrace-${name}-`));
    if (options.tls) makeCertificate(dir);
    const proxy = new ProxyProcess(name, { ...options, dir, ports });
    await proxy.run().catch(async (error: unknown) => {
      await proxy.stop();
      throw error;
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }
  /** Memory of all its processes, in bytes. */
  get residentBytes(): number {
    const group = this.#child?.pid;
    return processes().reduce((sum, { pgrp, residentBytes }) => sum + (pgrp === group ? residentBytes : 0), 0);
  }

  async run(): Promise<void> {
    const child = spawn(find(this.name) ?? this.name, COMMANDS[this.name](this.#file), {
      // A group of its own, so that workers die with their master: nginx's would go on serving without it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: this.#dir, NODE_ENV: 'test' },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-20_000);
      });
    }
    process.once('exit', this.#killGroup);
    await until(`${this.name} to listen`, () => {
      if (child.exitCode !== null) throw new Error(`${this.name} ended:\n${this.output}`);
      return fetch(`${this.url}/healthz`).then(
        (response) => response.ok,
        () => false,
      );
    });
  }

  /** As an operator does it, after a change of the configuration. */
  async reload(): Promise<void> {
    const workers = this.#workers();
    this.#child?.kill(this.name === 'nginx' ? 'SIGHUP' : 'SIGUSR2');
    await until('new workers', () => this.#workers().some((pid) => !workers.includes(pid)));
  }
  #workers(): number[] {
    const master = this.#child?.pid ?? 0;
    return processes().flatMap(({ pid, pgrp }) => (pgrp === master && pid !== master ? [pid] : []));
  }

  /** All of it at once, in the middle of whatever it was doing. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#killGroup();
    process.off('exit', this.#killGroup);
    await until(`${this.name} to end`, () => child?.exitCode !== null || child.signalCode !== null);
    await until('its workers to end', () => this.#workers().length === 0);
    this.#child = undefined;
  }
  async stop(): Promise<void> {
    if (this.#child) await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }
  readonly #killGroup = (): void => {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
}

function configure(name: ProxyName, ground: Ground): string {
  const { upstream, upstreamGrpcPort, upstreamMqttPort, tls, edits = [] } = ground;
  const common: Edit[] = [
    ['127.0.0.1:3000', new URL(upstream).host],
    ['127.0.0.1:3001', `127.0.0.1:${upstreamGrpcPort ?? 9}`],
    ...(name === 'haproxy' ? [['127.0.0.1:1883', `127.0.0.1:${upstreamMqttPort ?? 9}`] as const] : []),
    ...(name === 'nginx' ? [['/etc/ssl/tailrace', ground.dir] as const] : []),
    ...(tls ? [['#TLS ', ''] as const] : []),
  ];
  let text = readFileSync(join(repoRoot, FILES[name]), 'utf8');
  for (const [documented, used] of [...edits, ...common, ...EDITS[name](ground)]) {
    const edited = typeof documented === 'string' ? text.replaceAll(documented, used) : text.replace(documented, used);
    if (edited === text) throw new Error(`${FILES[name]} does not say ${documented}`);
    text = edited;
  }
  return text;
}

function makeCertificate(dir: string): void {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-keyout', join(dir, 'tailrace.key'), '-out', join(dir, 'tailrace.pem')];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    ...subject,
    ...files,
  ]);
  if (made.status !== 0) throw new Error(`no certificate: ${made.stderr}`);
  const both = ['tailrace.pem', 'tailrace.key'].map((name) => readFileSync(join(dir, name), 'utf8'));
  writeFileSync(join(dir, 'tailrace-with-key.pem'), both.join(''));
}

async function freePorts(): Promise<Ports> {
  const ports = await Promise.all(PORT_NAMES.map(async (name) => [name, await freePort()] as const));
  return Object.fromEntries(ports) as Ports;
}

function processes(): { pid: number; pgrp: number; residentBytes: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z') return [];
      return [{ pid: Number(name), pgrp: Number(fields[2]), residentBytes: Number(fields[21]) * 4096 }];
    } catch {
      // It ended while it was looked at.
      return [];
    }
  });
}
