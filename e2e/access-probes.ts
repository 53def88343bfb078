import { Client, credentials, Metadata } from '@grpc/grpc-js';
import mqtt from 'mqtt';
import { WebSocket } from 'ws';
import { grpcStub } from './conformance/clients/grpc-client.ts';
import type { InProcessServer } from './support/in-process-server.ts';

type Headers = Readonly<Record<string, string>>;
type Outcome = 'in' | 401 | 403;

export function wsUrl({ url }: InProcessServer): string {
  return url.replace('http', 'ws');
}

export function mqttAddress({ gateway }: InProcessServer): string {
  return `mqtt://127.0.0.1:${gateway.mqttPort}`;
}

/** What a WebSocket hears first. */
export function probeWebSocket(url: string, headers: Headers): Promise<Outcome> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/api/ws`, { headers });
  return new Promise((resolve, reject) => {
    ws.once('error', reject);
    ws.once('message', (data) => {
      const [{ event, data: told }] = JSON.parse(String(data));
      ws.terminate();
      if (event === 'error') resolve(told.code === 'unauthorized' ? 401 : 403);
      else resolve('in');
    });
  });
}

/** The token as the password, as clients of MQTT show it. */
export function probeMqtt(address: string, headers: Headers, act: 'subscribe' | 'publish'): Promise<Outcome> {
  const password = headers['Authorization']?.slice('Bearer '.length);
  const client = mqtt.connect(address, {
    ...{ reconnectPeriod: 0, protocolVersion: 5 },
    ...(password !== undefined && { username: 'anybody', password }),
  });
  return new Promise<Outcome>((resolve) => {
    client.on('error', () => undefined);
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'connack' && packet.reasonCode) resolve(packet.reasonCode === 0x86 ? 401 : 403);
      if (packet.cmd === 'suback') resolve(packet.granted[0] === 0x87 ? 403 : 'in');
      if (packet.cmd === 'puback') resolve(packet.reasonCode === 0x87 ? 403 : 'in');
    });
    client.on('connect', () => {
      if (act === 'subscribe') client.subscribe('tailrace/logs/#', { qos: 1 }, () => undefined);
      else client.publish('tailrace/ingest/shop', '{"message":"m"}', { qos: 1 }, () => undefined);
    });
  }).finally(() => client.end(true));
}

/** The status of a call, or that it has given something. */
export function probeGrpc(
  { gateway }: InProcessServer,
  headers: Headers,
  method: 'Subscribe' | 'Query' | 'Publish' | 'PublishBatch',
): Promise<Outcome> {
  const stub = grpcStub(`127.0.0.1:${gateway.grpcPort}`);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const events = [{ service: 'shop', log: { message: 'm' } }];
  return new Promise<Outcome>((resolve) => {
    const onError = (error: { code?: number } | null): void => resolve(error?.code === 16 ? 401 : error ? 403 : 'in');
    const onData = (): void => resolve('in');
    if (method === 'Subscribe') {
      stub.Subscribe({}, metadata).on('error', onError).on('data', onData);
      return;
    }
    if (method === 'Publish') {
      stub.Publish(metadata).on('error', onError).on('data', onData).write({ events });
      return;
    }
    type Unary = (request: object, metadata: Metadata, done: (error: { code?: number } | null) => void) => void;
    const unary = stub[method].bind(stub) as unknown as Unary;
    unary(method === 'Query' ? { limit: 1 } : { events }, metadata, onError);
  }).finally(() => stub.close());
}

const OTLP = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
} as const;

/** An empty export: it is let in, or refused by its status. */
export function probeOtlp({ gateway }: InProcessServer, headers: Headers, signal: keyof typeof OTLP): Promise<Outcome> {
  const client = new Client(`127.0.0.1:${gateway.grpcPort}`, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const bytes = (value: Buffer): Buffer => value;
  return new Promise<Outcome>((resolve) => {
    client.makeUnaryRequest(OTLP[signal], bytes, bytes, Buffer.alloc(0), metadata, (error) => {
      resolve(error?.code === 16 ? 401 : error ? 403 : 'in');
    });
  }).finally(() => client.close());
}
