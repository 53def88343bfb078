import { AppError } from '@/lib/core/errors.ts';
import { nextPath } from '@/lib/core/next-path.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { loginSchema, passwordChangeSchema } from '@/lib/wire/access-pages.ts';
import { markCookie, markIn, oidcCookie, oidcIn, originOf, secretOf, sessionCookie } from '../access/login-cookie.ts';
import type { LoggedIn, LoginFrom } from '../access/logins.ts';
import { type OidcFailure, PENDING_MS } from '../access/oidc-login.ts';
import { refuseForms, refuseOtherSites } from '../access/same-site.ts';
import type { Runtime } from '../create-runtime.ts';
import { jsonBody } from './json-body.ts';
import { parseWith } from './parse-with.ts';
import { askedOf } from './respond.ts';

const BODY_BYTES_MAX = 8 * 1024;
const NO_STORE = { 'Cache-Control': 'no-store' };

/** `POST /api/login`: a cookie for who shows a password, a token or the one-time secret. */
export async function postLogin(app: Runtime, request: Request): Promise<Response> {
  const { header } = askedOf(request);
  // Otherwise another site could log the reader in as somebody else, and read what is done then.
  refuseOtherSites(header);
  refuseForms(header);
  refuseFollower(app);
  const shown = parseWith(loginSchema, await jsonBody(request, BODY_BYTES_MAX));
  const from = fromOf(app, request);
  const login = await logIn(app, shown, from);
  return welcomeBack(request, login);
}

function logIn({ logins }: Runtime, shown: ReturnType<typeof loginSchema.parse>, from: LoginFrom) {
  if ('token' in shown) return logins.byToken(shown.token.trim(), from);
  if ('once' in shown) return logins.byOnce(shown.once.trim(), from);
  return logins.byPassword(shown.username, shown.password, from);
}

function welcomeBack(request: Request, { secret, name, role, endsMs, mark }: LoggedIn): Response {
  const { header } = askedOf(request);
  const headers = new Headers(NO_STORE);
  headers.append('Set-Cookie', sessionCookie(header, secret, endsMs - Date.now()));
  if (mark !== undefined) headers.append('Set-Cookie', markCookie(header, mark));
  return Response.json({ name, role }, { headers });
}

/** `POST /api/logout`. Whoever is not logged in is logged out afterwards as well. */
export function postLogout(app: Runtime, request: Request): Response {
  const asked = askedOf(request);
  refuseOtherSites(asked.header);
  const secret = secretOf(asked.header);
  if (secret !== undefined) app.logins.end(secret, app.access.addressOf(asked));
  app.accessWatch.sweep();
  return new Response(null, {
    status: 204,
    headers: { ...NO_STORE, 'Set-Cookie': sessionCookie(asked.header, '', 0) },
  });
}

/** `PUT /api/access/password`: of whoever asks, by whoever knows the present one. */
export async function putOwnPassword(app: Runtime, request: Request, principal: Principal): Promise<Response> {
  const { header } = askedOf(request);
  refuseOtherSites(header);
  refuseForms(header);
  refuseFollower(app);
  const given = parseWith(passwordChangeSchema, await jsonBody(request, BODY_BYTES_MAX));
  const mark = await app.logins.changePassword(principal, given, fromOf(app, request));
  app.accessWatch.sweep();
  return new Response(null, { status: 204, headers: { ...NO_STORE, 'Set-Cookie': markCookie(header, mark) } });
}

/** `GET /login/oidc`: to the identity provider. */
export async function beginOidc(app: Runtime, request: Request): Promise<Response> {
  const { header } = askedOf(request);
  const next = nextPath(new URL(request.url).searchParams.get('next'));
  const begun = await providerOf(app).begin(originOf(header), next);
  if ('failed' in begun) return backToLogin(app, request, begun);
  const cookie = oidcCookie(header, begun.pending, PENDING_MS);
  return new Response(null, { status: 302, headers: { ...NO_STORE, Location: begun.url.href, 'Set-Cookie': cookie } });
}

/** `GET /login/oidc/callback`: back from there. */
export async function finishOidc(app: Runtime, request: Request): Promise<Response> {
  const { header } = askedOf(request);
  const from = fromOf(app, request);
  const done = await providerOf(app).finish(originOf(header), new URL(request.url), oidcIn(header), from);
  if ('failed' in done) return backToLogin(app, request, done);
  const { secret, endsMs } = done.login;
  const headers = new Headers({ ...NO_STORE, Location: done.next });
  headers.append('Set-Cookie', sessionCookie(header, secret, endsMs - Date.now()));
  headers.append('Set-Cookie', oidcCookie(header, '', 0));
  return new Response(null, { status: 303, headers });
}

/** A person stands there, not a program: the page says what has failed, and the log of the server why. */
function backToLogin(app: Runtime, request: Request, { failed, why, next }: OidcFailure): Response {
  app.log.warn({ failed, why, journal: false }, 'a login by the identity provider has failed');
  const query = new URLSearchParams({ failed, next });
  const headers = {
    ...NO_STORE,
    Location: `/login?${query}`,
    'Set-Cookie': oidcCookie(askedOf(request).header, '', 0),
  };
  return new Response(null, { status: 303, headers });
}

function providerOf(app: Runtime) {
  refuseFollower(app);
  if (app.oidc) return app.oidc;
  throw new AppError('not-found', 'no identity provider is set up here; see TAILRACE_OIDC_ISSUER');
}

function refuseFollower({ canDecide }: Runtime): void {
  if (canDecide) return;
  throw new AppError('storage-unavailable', 'this gateway only reads who may come in: log in at the server');
}

function fromOf(app: Runtime, request: Request): LoginFrom {
  const asked = askedOf(request);
  const { header } = asked;
  return {
    address: app.access.addressOf(asked),
    userAgent: header('user-agent') ?? '',
    before: secretOf(header),
    mark: markIn(header),
  };
}
