import type { Priority } from './priority.ts';

/** What a message of syslog says, of either kind; what it does not say is undefined. */
export type SyslogMessage = {
  readonly priority?: Priority | undefined;
  readonly timeMs?: number | undefined;
  /** As it was written, where it could not be read. */
  readonly unreadTime?: string | undefined;
  readonly host?: string | undefined;
  readonly app?: string | undefined;
  readonly pid?: string | undefined;
  readonly msgId?: string | undefined;
  /** Of a device that counts its messages (Cisco). */
  readonly sequence?: string | undefined;
  readonly params?: readonly (readonly [string, string])[];
  readonly text: string;
};
