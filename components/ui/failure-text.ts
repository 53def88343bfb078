import { plain } from './plain-text.ts';

/** What went wrong, as it was told; an answer may repeat what somebody else has written. */
export function failureText(failure: unknown): string {
  return plain(failure instanceof Error ? failure.message : String(failure));
}
