import * as oidc from 'openid-client';
import { type RoleRules, roleFromClaims } from '@/lib/access/claim-role.ts';
import type { Config } from '@/lib/config/config.ts';
import { AppError } from '@/lib/core/errors.ts';
import { randomId } from '@/lib/core/position.ts';
import type { LoggedIn, LoginFrom, Logins } from './logins.ts';
import { isBoundToLoopback } from './own-machine.ts';

export const OIDC_COOKIE = 'tailrace-oidc';
export const CALLBACK_PATH = '/login/oidc/callback';
/** How long somebody may stand before the provider's own login page. */
export const PENDING_MS = 600_000;
const PENDING_MAX = 1000;
const TIMEOUT_S = 10;
const NAME_CHARS_MAX = 100;
const RETRY_AFTER_S = 5;

export type OidcLoginOptions = {
  readonly provider: NonNullable<Config['access']['oidc']>;
  readonly roles: RoleRules;
  readonly logins: Logins;
  readonly now: () => number;
};

/** A login that has begun here and is to come back; `key` is in the browser's cookie, so that it comes back to the same. */
type Pending = {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly next: string;
  readonly untilMs: number;
};

/** Logging in by an identity provider: authorization code with PKCE, state and nonce. */
export class OidcLogin {
  readonly #options: OidcLoginOptions;
  readonly #pending = new Map<string, Pending>();
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(options: OidcLoginOptions) {
    this.#options = options;
  }

  /** Where to send the browser, and what its cookie is to hold meanwhile. Rejects with identity-unavailable. */
  async begin(origin: string, next: string): Promise<{ readonly url: URL; readonly key: string }> {
    const configuration = await this.#discover();
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    const key = `${randomId()}${randomId()}${randomId()}${randomId()}`;
    this.#remember(key, { state, nonce, verifier, next, untilMs: this.#options.now() + PENDING_MS });
    const url = oidc.buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: `${origin}${CALLBACK_PATH}`, scope: 'openid profile email', state, nonce },
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url, key };
  }

  /** Rejects with unauthorized when this is not the answer to what was begun, and forbidden without a role. */
  async finish(
    origin: string,
    callback: URL,
    key: string | undefined,
    from: LoginFrom,
  ): Promise<LoggedIn & { readonly next: string }> {
    const pending = this.#pending.get(key ?? '');
    this.#pending.delete(key ?? '');
    if (!pending || pending.untilMs < this.#options.now()) {
      throw new AppError('unauthorized', 'this login was not begun here, or took too long; begin again at /login');
    }
    const configuration = await this.#discover();
    const { state, nonce, verifier, next } = pending;
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    // As the provider has seen it, not as a proxy has passed it on.
    const seen = new URL(`${origin}${CALLBACK_PATH}${callback.search}`);
    const tokens = await oidc.authorizationCodeGrant(configuration, seen, checks).catch((error: unknown) => {
      throw new AppError('unauthorized', `the identity provider did not confirm the login (${messageOf(error)})`, {
        cause: error,
      });
    });
    const claims = tokens.claims();
    if (!claims) throw new AppError('unauthorized', 'the identity provider has not said who this is');
    const { roles, logins } = this.#options;
    const name = String(claims['preferred_username'] ?? claims['email'] ?? claims.sub).slice(0, NAME_CHARS_MAX);
    const role = roleFromClaims(claims, roles);
    if (role === undefined || role === 'ingest') {
      const says = `${name} is known, but has no role here: nothing in "${roles.claim}" is named in TAILRACE_ROLE_MAP`;
      throw new AppError('forbidden', says);
    }
    return { ...logins.byProvider(claims.sub, name, role, from), next };
  }

  /** Asked once; again when it has failed. */
  #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#options.provider;
    const url = new URL(issuer);
    // Plain http is for a provider on this machine, as in a test.
    const execute = url.protocol === 'http:' && isBoundToLoopback(url.hostname) ? [oidc.allowInsecureRequests] : [];
    const authentication = clientSecret === undefined ? oidc.None() : undefined;
    this.#discovered ??= oidc
      .discovery(url, clientId, clientSecret, authentication, { execute, timeout: TIMEOUT_S })
      .catch((error: unknown) => {
        this.#discovered = undefined;
        const says = 'the identity provider does not answer; try again in a moment';
        throw new AppError('identity-unavailable', says, { retryAfterS: RETRY_AFTER_S, cause: error });
      });
    return this.#discovered;
  }

  #remember(key: string, pending: Pending): void {
    this.#pending.set(key, pending);
    for (const [oldKey, { untilMs }] of this.#pending) {
      if (this.#pending.size <= PENDING_MAX && untilMs > this.#options.now()) return;
      this.#pending.delete(oldKey);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
