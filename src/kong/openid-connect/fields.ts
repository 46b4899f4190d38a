import { createFields, type FieldRow, type RecordFields } from '../fields/field.js'
import rows from './fields.json' with { type: 'json' }

/** All fields of the plugin, 378 current names and then the older ones (reference section 1). */
export const FIELD_ROWS = rows as readonly (FieldRow & { readonly group: string; readonly aliasOf?: string })[]

/** Fields whose null means something although they have a default. */
const NULLABLE = ['login_tokens', 'upstream_access_token_header']

/** What the default was before a version changed it (section 1.20). */
const OLDER_DEFAULTS: Readonly<Record<string, readonly [before: string, value: unknown]>> = {
  hide_credentials: ['3.14', false],
  ssl_verify: ['3.14', false],
  'redis.ssl_verify': ['3.14', false],
  'cluster_cache_redis.ssl_verify': ['3.14', false],
  session_memcached_ssl_verify: ['3.14', false],
}

/** The newest version whose schema we know; its defaults hold unless another version is asked for. */
export const LATEST_VERSION = '3.15'

const tables = new Map<string, RecordFields>()

/** The table with the defaults of one version of Kong. */
export function openIdConnectFields(kongVersion: string): RecordFields {
  const known = tables.get(kongVersion)
  if (known) return known
  const changed = Object.entries(OLDER_DEFAULTS).filter(([, [before]]) => isOlder(kongVersion, before))
  const marked = FIELD_ROWS.map((row) => (NULLABLE.includes(row.name) ? { ...row, nullable: true } : row))
  const table = createFields(marked, {
    defaults: Object.fromEntries(changed.map(([name, [, value]]) => [name, value])),
    sparse: ['client_jwk'],
  })
  tables.set(kongVersion, table)
  return table
}

/** Whether `3.9` comes before `3.14`. */
export function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [otherMajor = 0, otherMinor = 0] = than.split('.').map(Number)
  return major < otherMajor || (major === otherMajor && minor < otherMinor)
}
