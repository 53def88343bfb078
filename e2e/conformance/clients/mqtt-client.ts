import mqtt, { type MqttClient } from 'mqtt';
import { encodeTopicLevel } from '@/lib/core/filter-topics.ts';
import { LEVELS } from '@/lib/core/level.ts';
import { ContinuityLedger } from '../../support/continuity-ledger.ts';
import { FrameClient, type StreamClientOptions } from '../stream-client.ts';

type Data = { kind?: 'log' | 'metric'; position?: string };
type Control = { event: string; id?: string; data: Data & { retryMs?: number } };

/**
 * The npm package `mqtt` on MQTT 5: a query becomes subscriptions, its place the user property `from`, and the control
 * frames come under `tailrace/control`. A text (`q`) has no topic.
 */
export class MqttStreamClient extends FrameClient {
  readonly #carrier: 'ws' | 'tcp';
  #mqtt: MqttClient | undefined;
  /** Of the last DISCONNECT. */
  reasonCode: number | undefined;

  /** @param url where `/mqtt` is, or with `tcp` where MQTT listens */
  constructor(carrier: 'ws' | 'tcp', url: string, options: StreamClientOptions = {}, ledger = new ContinuityLedger()) {
    super(url, options, ledger);
    this.#carrier = carrier;
  }

  protected connect(): void {
    const address = new URL(this.line.url);
    const url = this.#carrier === 'tcp' ? `mqtt://${address.host}` : `ws://${address.host}/mqtt`;
    const wsOptions = { headers: { ...this.options.headers } };
    const client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 0, resubscribe: false, wsOptions });
    this.#mqtt = client;
    let hasSaidGoodbye = false;
    client.on('connect', () => {
      const query = new URLSearchParams(this.options.query);
      this.#subscribe(query, this.ledger.lastEventId ?? query.get('lastEventId') ?? query.get('from'));
    });
    client.on('message', (_topic, payload, { retain }) => {
      if (!retain && this.#mqtt === client) this.#receive(payload.toString());
    });
    client.on('disconnect', ({ reasonCode }) => {
      hasSaidGoodbye = true;
      this.reasonCode = reasonCode;
    });
    client.on('packetreceive', (packet) => {
      const says = packet.cmd === 'connack' ? packet.properties?.reasonString : undefined;
      if (says !== undefined) this.refusal = { says, retryMs: undefined };
    });
    client.on('error', (error) => {
      if (this.refusal === undefined && 'code' in error && Number(error.code) >= 0x80)
        this.refusal = { says: error.message, retryMs: undefined };
    });
    client.once('close', () => {
      client.end(true);
      this.finished(hasSaidGoodbye);
    });
  }

  protected disconnect(): void {
    this.#mqtt?.end(true);
  }

  /** Another query on the line it has: what was subscribed to before goes when the new is there, so that nothing is missed. */
  subscribe(text: string): void {
    const query = new URLSearchParams(text);
    const wanted = topicsOf(query);
    const old = topicsOf(new URLSearchParams(this.options.query)).filter((topic) => !wanted.includes(topic));
    this.#subscribe(query, query.get('lastEventId') ?? query.get('from'));
    this.#mqtt?.unsubscribe(old);
  }

  #subscribe(query: URLSearchParams, from: string | null): void {
    const properties = from === null ? {} : { properties: { userProperties: { from } } };
    this.#mqtt?.subscribe([...topicsOf(query), 'tailrace/control/+'], { qos: 1, ...properties }, (error) => {
      if (error) this.refusal = { says: error.message, retryMs: undefined };
    });
  }

  #receive(text: string): void {
    try {
      const message = JSON.parse(text) as Data & Control;
      if (message.event !== undefined) {
        if (message.event === 'bye') this.retryMs = message.data.retryMs;
        this.takeJson(message);
      } else this.takeJson({ event: message.kind ?? '', data: message });
    } catch (error) {
      this.failure ??= error as Error;
    }
  }
}

function topicsOf(query: URLSearchParams): string[] {
  const given = query.getAll('service').filter((service) => service !== '');
  const services = given.length > 0 ? given.map(encodeTopicLevel) : ['+'];
  const kind = query.get('kind');
  const level = query.get('level');
  const levels = level ? LEVELS.slice((LEVELS as readonly string[]).indexOf(level.toLowerCase())) : ['+'];
  return services.flatMap((service) => [
    ...(kind === 'metric' ? [] : levels.map((name) => `tailrace/logs/${service}/${name}`)),
    ...(kind === 'log' || level ? [] : [`tailrace/metrics/${service}/+`]),
  ]);
}
