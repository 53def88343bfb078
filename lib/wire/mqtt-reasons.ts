import type { CloseReason } from '@/lib/core/close-reason.ts';
import type { ErrorCode } from '@/lib/core/errors.ts';

/** Reason codes of MQTT 5 (§2.4) that this server says. */
export const MQTT_REASON = {
  success: 0x00,
  noSubscription: 0x11,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  implementationSpecific: 0x83,
  unsupportedVersion: 0x84,
  clientIdInvalid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  badAuthenticationMethod: 0x8c,
  shuttingDown: 0x8b,
  keepAliveTimeout: 0x8d,
  takenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  administrative: 0x98,
  payloadInvalid: 0x99,
  qosNotSupported: 0x9b,
  sharedNotSupported: 0x9e,
  rateExceeded: 0x9f,
  maximumConnectTime: 0xa0,
  idsNotSupported: 0xa1,
} as const;
export type MqttReason = (typeof MQTT_REASON)[keyof typeof MQTT_REASON];

/** What a DISCONNECT says of a stream's end; undefined: the client has ended it, and nobody is there to be told. */
export const DISCONNECT_REASONS: Readonly<Record<CloseReason, MqttReason | undefined>> = {
  'client-left': undefined,
  'write-failed': undefined,
  answered: undefined,
  resubscribed: undefined,
  protocol: MQTT_REASON.protocolError,
  draining: MQTT_REASON.shuttingDown,
  internal: MQTT_REASON.unspecified,
  'heartbeat-missed': MQTT_REASON.keepAliveTimeout,
  idle: MQTT_REASON.administrative,
  age: MQTT_REASON.maximumConnectTime,
  slow: MQTT_REASON.quotaExceeded,
  limit: MQTT_REASON.serverBusy,
  disconnected: MQTT_REASON.administrative,
  'token-expired': MQTT_REASON.notAuthorized,
  kicked: MQTT_REASON.administrative,
};

/** The return codes of 3.1.1's CONNACK (§3.2.2.3) that say the same as nearly as it can. */
const RETURN_CODES: ReadonlyMap<number, number> = new Map<number, number>([
  [MQTT_REASON.success, 0],
  [MQTT_REASON.unsupportedVersion, 1],
  [MQTT_REASON.clientIdInvalid, 2],
  [MQTT_REASON.badUserNameOrPassword, 4],
  [MQTT_REASON.topicNameInvalid, 5],
  [MQTT_REASON.notAuthorized, 5],
]);

export function returnCode(reason: MqttReason): number {
  return RETURN_CODES.get(reason) ?? 3;
}

/** Why a client is not let in. */
export function refusalReason(code: ErrorCode): MqttReason {
  if (code === 'unauthorized') return MQTT_REASON.badUserNameOrPassword;
  if (code === 'forbidden') return MQTT_REASON.notAuthorized;
  if (code === 'rate-limited') return MQTT_REASON.rateExceeded;
  if (code === 'too-many-connections') return MQTT_REASON.quotaExceeded;
  return code === 'memory-pressure' ? MQTT_REASON.serverBusy : MQTT_REASON.serverUnavailable;
}
