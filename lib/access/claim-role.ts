import { ROLES, type Role } from '@/lib/core/principal.ts';

/** What an identity provider says in its claim → what that makes of somebody here. */
export type RoleRules = { readonly claim: string; readonly map: Readonly<Record<string, Role>> };

/** The greatest role that a claim's values are mapped to; undefined: who is not named has none. */
export function roleFromClaims(claims: Readonly<Record<string, unknown>>, { claim, map }: RoleRules): Role | undefined {
  const given = valueAt(claims, claim);
  const values = (Array.isArray(given) ? given : typeof given === 'string' ? given.split(/[\s,]+/) : []).map(String);
  const roles = values.flatMap((value) => (Object.hasOwn(map, value) ? (map[value] ?? []) : []));
  return ROLES.toReversed().find((role) => roles.includes(role));
}

/** By its whole name first: providers make names of addresses, with dots and colons in them. */
function valueAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path.split('.').reduce<unknown>((value, part) => {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, part)
      ? (value as Record<string, unknown>)[part]
      : undefined;
  }, claims);
}

const NAME_CHARS_MAX = 100;

/** A name as lists and the audit log can show it: no line ends, nothing that turns the direction of writing. */
export function nameFromClaims(claims: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  const given = names.map((name) => claims[name]).find((value) => typeof value === 'string' && value.trim() !== '');
  return String(given ?? '')
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, NAME_CHARS_MAX);
}
