import { Refused } from './http-protocol.ts';
import type { HecCode } from './splunk-response.ts';

/** What is wrong with an event, with the code that Splunk has for it. */
export class HecRefused extends Refused {
  readonly code: HecCode;

  constructor(code: HecCode, says: string) {
    super(says);
    this.code = code;
  }
}
