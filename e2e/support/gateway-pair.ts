import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, ServerProcess, type ServerProcessOptions } from './server-process.ts';

type GatewayPorts = { readonly owner: number; readonly gateway: number; readonly grpc: number; readonly mqtt: number };
type Environment = Readonly<Record<string, string>>;

const COMMON = { TAILRACE_GRPC_PORT: 'off', TAILRACE_HEARTBEAT_MS: '400', TAILRACE_RETRY_MS: '100' };

/** The server that owns a journal and a gateway beside it, on one data directory; each can be killed and started again. */
export class GatewayPair {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'tailrace-pair-'));
  readonly #ports: GatewayPorts;
  readonly #started: ServerProcess[] = [];
  #owner: ServerProcess | undefined;
  #gateway: ServerProcess | undefined;

  private constructor(ports: GatewayPorts) {
    this.#ports = ports;
  }

  /** Neither runs yet. */
  static async make(): Promise<GatewayPair> {
    return new GatewayPair({
      owner: await freePort(),
      gateway: await freePort(),
      grpc: await freePort(),
      mqtt: await freePort(),
    });
  }

  static async start(environment: Environment = {}): Promise<GatewayPair> {
    const pair = await GatewayPair.make();
    await pair.startOwner();
    await pair.startGateway(environment);
    return pair;
  }

  /** Where the gateway's other doors are, once it has been started with `allDoors`. */
  get doors(): { readonly grpcPort: number; readonly mqttPort: number } {
    return { grpcPort: this.#ports.grpc, mqttPort: this.#ports.mqtt };
  }
  /** Settings that open every door of the gateway. */
  get allDoors(): Environment {
    return { TAILRACE_GRPC_PORT: String(this.#ports.grpc), TAILRACE_MQTT_PORT: String(this.#ports.mqtt) };
  }
  get owner(): ServerProcess {
    if (!this.#owner) throw new Error('the owner has not been started');
    return this.#owner;
  }
  get gateway(): ServerProcess {
    if (!this.#gateway) throw new Error('the gateway has not been started');
    return this.#gateway;
  }

  async startOwner(environment: Environment = {}): Promise<void> {
    this.#owner = await this.#start({ port: this.#ports.owner, environment: { ...COMMON, ...environment } });
  }
  async startGateway(environment: Environment = {}, more: Pick<ServerProcessOptions, 'awaits'> = {}): Promise<void> {
    const upstream = { TAILRACE_UPSTREAM: `http://127.0.0.1:${this.#ports.owner}` };
    const settings = { ...COMMON, ...upstream, ...environment };
    this.#gateway = await this.#start({ kind: 'gateway', port: this.#ports.gateway, environment: settings, ...more });
  }

  async #start(options: ServerProcessOptions): Promise<ServerProcess> {
    const server = await ServerProcess.start({ ...options, dataDir: this.dataDir });
    this.#started.push(server);
    return server;
  }

  async stop(): Promise<void> {
    for (const server of this.#started) await server.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
