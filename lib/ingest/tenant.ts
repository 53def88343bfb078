import type { IngestHead } from './http-protocol.ts';

const TENANT_CHARS_MAX = 256;

/**
 * Loki and Mimir keep tenants apart by a header. Here there is one journal: the tenant is kept as an attribute of that
 * name, so that it can be told and filtered, and is no wall between readers.
 */
export function tenantOf(head: IngestHead): { readonly tenant?: string } {
  const tenant = head.header('x-scope-orgid')?.trim();
  return tenant ? { tenant: tenant.slice(0, TENANT_CHARS_MAX) } : {};
}
