/** Why somebody who went to the identity provider is not in: what the login page says, and what may be done. */
export const LOGIN_FAILURES = {
  stale: 'That login was not begun in this browser, or took longer than ten minutes. Begin again here.',
  cancelled: 'The identity provider says that the login was cancelled or not allowed. Begin again here, or ask there.',
  refused:
    'The identity provider did not confirm the login. Begin again; if it fails once more, the log of this server says why.',
  'no-role':
    'The identity provider knows you, but you have no role here. Whoever runs this server can give your group one.',
  unavailable: 'The identity provider does not answer. Try again in a moment, or log in another way.',
} as const;

export type LoginFailure = keyof typeof LOGIN_FAILURES;

/** The sentence for what an address says; undefined for whatever else stands there. */
export function failureSentence(failed: string | undefined): string | undefined {
  return failed !== undefined && Object.hasOwn(LOGIN_FAILURES, failed)
    ? LOGIN_FAILURES[failed as LoginFailure]
    : undefined;
}
