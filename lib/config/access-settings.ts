import { isIP } from 'node:net';
import { z } from 'zod';
import { ROLES, type Role } from '@/lib/core/principal.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

const ms = (defaultMs: number) => z.coerce.number().int().min(1000).max(YEAR_MS).default(defaultMs);

/** Addresses or networks such as `10.0.0.0/8`, with commas between. */
export const addresses = z.string().transform((text, context): string[] => {
  const given = text.split(',').flatMap((part) => part.trim() || []);
  const wrong = given.find((part) => {
    const [address = '', bits, ...rest] = part.split('/');
    const bitsMax = isIP(address) === 4 ? 32 : 128;
    return (
      isIP(address) === 0 || rest.length > 0 || (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= bitsMax))
    );
  });
  if (wrong === undefined) return given;
  context.addIssue({ code: 'custom', message: `expected addresses or networks such as "10.0.0.0/8", got "${wrong}"` });
  return z.NEVER;
});

/**
 * Origins of pages, with commas between. Not `*`: a server on loopback asks nobody on its machine for a key, so that any page
 * of the web, open there, could write into its journal; nor `null`, which every page can be that wants to (a sandboxed frame).
 */
const origins = z.string().transform((text, context): string[] => {
  const given = text.split(',').flatMap((part) => part.trim() || []);
  const wrong = given.find((part) => originOf(part) === undefined);
  if (wrong === undefined) return [...new Set(given.flatMap((part) => originOf(part) ?? []))];
  const why = wrong === '*' ? 'each by its name, since any page could send otherwise' : `got "${wrong}"`;
  context.addIssue({ code: 'custom', message: `expected origins such as "https://shop.example.com", ${why}` });
  return z.NEVER;
});

/** As browsers write it: in lower case, without the usual port. */
function originOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !text.includes('*') && !text.includes('\\');
  return isPlain && url.href === `${url.origin}/` ? url.origin : undefined;
}

/** `value=role`, with commas between. */
const roleMap = z.string().transform((text, context): Record<string, Role> => {
  const pairs = text.split(',').flatMap((part) => part.trim() || []);
  const map = pairs.map(
    (pair) => [pair.slice(0, pair.lastIndexOf('=')), pair.slice(pair.lastIndexOf('=') + 1)] as const,
  );
  const wrong = map.findIndex(([value, role]) => value === '' || !(ROLES as readonly string[]).includes(role));
  if (wrong < 0) return Object.fromEntries(map) as Record<string, Role>;
  const message = `expected pairs such as "ops=operator" (roles: ${ROLES.join(', ')}), got "${pairs[wrong]}"`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const word = z.string().regex(/^\S+$/, 'expected no spaces');

/** Who may come in. */
export const ACCESS_SETTINGS = {
  TAILRACE_ACCESS: z
    .enum(['auto', 'open', 'closed'])
    .default('auto')
    .describe(
      '`auto`: bound to loopback it is open to this machine, elsewhere everybody logs in. `open`: somebody else guards the door. `closed`: everybody logs in.',
    ),
  TAILRACE_LISTEN_FROM: addresses
    .default(['127.0.0.0/8', '::1'])
    .describe('Where everybody logs in: who may send to listeners that know no credentials (syslog, GELF, forward).'),
  TAILRACE_FORWARD_SHARED_KEY: z
    .string()
    .min(8, 'expected at least 8 characters')
    .optional()
    .describe('What senders of the Fluent forward protocol have to know besides (`shared_key`). Absent: nothing.'),
  TAILRACE_ALLOWED_ORIGINS: origins
    .default([])
    .describe(
      'Pages of other origins that may send events, with a key of their own and never by cookie: `https://shop.example.com`, commas between.',
    ),
  TAILRACE_SESSION_IDLE_MS: ms(12 * HOUR_MS).describe('A login that is not used for so long, in ms, has ended.'),
  TAILRACE_SESSION_MAX_MS: ms(7 * 24 * HOUR_MS).describe('A login ends after so long, in ms, however much it is used.'),
  TAILRACE_OIDC_ISSUER: z.url().optional().describe('Identity provider for logging in (OpenID Connect): its issuer.'),
  TAILRACE_OIDC_CLIENT_ID: word.optional().describe('Name of this server there.'),
  TAILRACE_OIDC_CLIENT_SECRET: word.optional().describe('Its secret there; absent: a public client.'),
  TAILRACE_JWT_ISSUER: word.optional().describe('Bearer tokens (JWT) of this issuer are accepted.'),
  TAILRACE_JWT_AUDIENCE: word.optional().describe('Such a token has to be meant for this audience.'),
  TAILRACE_JWT_JWKS_URL: z.url().optional().describe('Where the public keys of that issuer are.'),
  TAILRACE_ROLE_CLAIM: word
    .default('roles')
    .describe('The claim of an identity provider that gives the role; `a.b` looks inside.'),
  TAILRACE_ROLE_MAP: roleMap
    .default({})
    .describe('What its values give: `ops=operator,staff=viewer`. Whoever is not named there has no role.'),
} as const;
