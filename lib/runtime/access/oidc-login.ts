import * as oidc from 'openid-client';
import { z } from 'zod';
import { nameFromClaims, type RoleRules, roleFromClaims } from '@/lib/access/claim-role.ts';
import type { Config } from '@/lib/config/config.ts';
import { nextPath } from '@/lib/core/next-path.ts';
import type { LoginFailure } from '@/lib/wire/login-failures.ts';
import type { LoggedIn, LoginFrom, Logins } from './logins.ts';
import { isBoundToLoopback } from './own-machine.ts';

export const CALLBACK_PATH = '/login/oidc/callback';
/** How long somebody may stand before the provider's own login page. */
export const PENDING_MS = 600_000;
const TIMEOUT_S = 10;

export type OidcLoginOptions = {
  readonly provider: NonNullable<Config['access']['oidc']>;
  readonly roles: RoleRules;
  readonly logins: Logins;
  readonly now: () => number;
};

/** Why somebody is not in, and what the server's own log is to hold of it. */
export type OidcFailure = { readonly failed: LoginFailure; readonly why: string; readonly next: string };

type Begun = { readonly url: URL; readonly pending: string };
type Finished = { readonly login: LoggedIn; readonly next: string };

/**
 * A login that has begun here and is to come back. It waits in the browser's own cookie: so it comes back to the same
 * browser, and whoever begins many takes no place from anybody.
 */
const pendingSchema = z.object({
  state: z.string().min(1),
  nonce: z.string().min(1),
  verifier: z.string().min(1),
  next: z.string(),
  untilMs: z.number(),
});
type Pending = z.infer<typeof pendingSchema>;

/** Logging in by an identity provider: authorization code with PKCE, state and nonce. */
export class OidcLogin {
  readonly #options: OidcLoginOptions;
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(options: OidcLoginOptions) {
    this.#options = options;
  }

  /** Where to send the browser, and what its cookie is to hold meanwhile. */
  async begin(origin: string, next: string): Promise<Begun | OidcFailure> {
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    try {
      const url = oidc.buildAuthorizationUrl(await this.#discover(), {
        ...{ redirect_uri: `${origin}${CALLBACK_PATH}`, scope: 'openid profile email', state, nonce },
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      const pending: Pending = { state, nonce, verifier, next, untilMs: this.#options.now() + PENDING_MS };
      return { url, pending: Buffer.from(JSON.stringify(pending)).toString('base64url') };
    } catch (error) {
      return { failed: 'unavailable', why: messageOf(error), next };
    }
  }

  /** @param cookie what `begin` has given */
  async finish(
    origin: string,
    callback: URL,
    cookie: string | undefined,
    from: LoginFrom,
  ): Promise<Finished | OidcFailure> {
    const pending = readPending(cookie);
    const next = nextPath(pending?.next);
    if (!pending || pending.untilMs < this.#options.now()) {
      return { failed: 'stale', why: 'there is no cookie of a login that was begun here in time', next };
    }
    let configuration: oidc.Configuration;
    try {
      configuration = await this.#discover();
    } catch (error) {
      return { failed: 'unavailable', why: messageOf(error), next };
    }
    const { state, nonce, verifier } = pending;
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    // As the provider has seen it, not as a proxy has passed it on.
    const seen = new URL(`${origin}${CALLBACK_PATH}${callback.search}`);
    try {
      const claims = (await oidc.authorizationCodeGrant(configuration, seen, checks)).claims();
      if (!claims) return { failed: 'refused', why: 'the identity provider has not said who this is', next };
      return this.#admit(claims, next, from);
    } catch (error) {
      return { failed: isCancelled(error) ? 'cancelled' : 'refused', why: messageOf(error), next };
    }
  }

  #admit(claims: oidc.IDToken, next: string, from: LoginFrom): Finished | OidcFailure {
    const { roles, logins } = this.#options;
    const name = nameFromClaims(claims, ['preferred_username', 'email', 'sub']);
    const role = roleFromClaims(claims, roles);
    if (role !== undefined && role !== 'ingest')
      return { login: logins.byProvider(claims.sub, name, role, from), next };
    logins.noteStranger(name, from.address);
    return { failed: 'no-role', why: `nothing in "${roles.claim}" of ${name} is named in TAILRACE_ROLE_MAP`, next };
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
        throw error;
      });
    return this.#discovered;
  }
}

/** The browser may have sent anything. */
function readPending(cookie: string | undefined): Pending | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString('utf8'));
    const read = pendingSchema.safeParse(parsed);
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof oidc.AuthorizationResponseError && error.error === 'access_denied';
}

/** With what lies beneath it: a library says "something went wrong" on top. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${messageOf(error.cause)}` : error.message;
}
