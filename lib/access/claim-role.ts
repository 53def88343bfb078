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
