import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { AppError } from '@/lib/core/errors.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { nameFromClaims, type RoleRules, roleFromClaims } from './claim-role.ts';
import { digestOf } from './secret.ts';

export type JwtRules = { readonly issuer: string; readonly audience: string; readonly jwksUrl: string };

/** Signatures with a public key only: `none`, and a secret that both sides would have to share, are out of the question. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_TOLERANCE_S = 5;
const FETCH_MS_MAX = 5000;
const VERIFIED_MAX = 1000;
/** Keys are fetched and tokens verified anew after so long: a key that the provider has taken back is noticed by then. */
const VERIFIED_MS_MAX = 5 * 60_000;
const RETRY_AFTER_S = 5;

/** Bearer tokens of an identity provider: issuer, audience, signature, time and role. */
export class JwtVerifier {
  readonly #rules: JwtRules;
  readonly #roles: RoleRules;
  readonly #keys: JWTVerifyGetKey;
  readonly #now: () => number;
  /** By digest: a client asks with the same one thousands of times. */
  readonly #verified = new Map<string, { readonly principal: Principal; readonly untilMs: number }>();

  constructor(rules: JwtRules, roles: RoleRules, now: () => number) {
    this.#rules = rules;
    this.#roles = roles;
    this.#now = now;
    this.#keys = createRemoteJWKSet(new URL(rules.jwksUrl), {
      timeoutDuration: FETCH_MS_MAX,
      cacheMaxAge: VERIFIED_MS_MAX,
    });
  }

  /** Whose token it is, at once where it has been verified before. Throws, or rejects with, unauthorized or forbidden. */
  verify(token: string): Principal | Promise<Principal> {
    const known = this.#verified.get(digestOf(token));
    if (known && known.untilMs > this.#now()) return known.principal;
    return this.#verify(token);
  }

  async #verify(token: string): Promise<Principal> {
    const { issuer, audience } = this.#rules;
    const currentDate = new Date(this.#now());
    const requiredClaims = ['exp', 'sub'];
    const options = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE_S, currentDate };
    const { payload } = await jwtVerify(token, this.#keys, { ...options, requiredClaims }).catch((error: unknown) => {
      throw explain(error);
    });
    const role = roleFromClaims(payload, this.#roles);
    if (role === undefined) {
      const says = `the token is good, but none of its "${this.#roles.claim}" gives a role here; see TAILRACE_ROLE_MAP`;
      throw new AppError('forbidden', says);
    }
    const { sub = '', exp = 0 } = payload;
    const expiresMs = exp * 1000;
    const name = nameFromClaims(payload, ['sub']);
    const principal: Principal = { id: `jwt:${sub}`, name, kind: 'jwt', role, expiresMs };
    const digest = digestOf(token);
    // At the end of the line, as the first is the next to go.
    this.#verified.delete(digest);
    this.#verified.set(digest, { principal, untilMs: Math.min(expiresMs, this.#now() + VERIFIED_MS_MAX) });
    const [oldest] = this.#verified.keys();
    if (this.#verified.size > VERIFIED_MAX && oldest !== undefined) this.#verified.delete(oldest);
    return principal;
  }
}

function explain(error: unknown): AppError {
  const isTokens =
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC';
  if (isTokens) return new AppError('unauthorized', `the token is not accepted: ${error.message}`, { cause: error });
  const says = 'the keys of the identity provider could not be fetched; try again in a moment';
  return new AppError('identity-unavailable', says, { retryAfterS: RETRY_AFTER_S, cause: error });
}
