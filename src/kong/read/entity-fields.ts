import { createFields, type FieldRow, type RecordFields } from '../fields/field.js'

const PROTOCOLS = ['http', 'https', 'grpc', 'grpcs', 'tcp', 'tls', 'tls_passthrough', 'udp', 'ws', 'wss']
const MAX_TIMEOUT = 2_147_483_646

const COMMON: readonly FieldRow[] = [
  { name: 'id', type: 'string' },
  { name: 'tags', type: 'set of string' },
  { name: 'created_at', type: 'integer' },
  { name: 'updated_at', type: 'integer' },
]

const any = (...names: readonly string[]): FieldRow[] => names.map((name) => ({ name, type: 'any' }))
const text = (...names: readonly string[]): FieldRow[] => names.map((name) => ({ name, type: 'string' }))
/** Members that change nothing here: they are announced when they say something. */
const unused = (rows: readonly FieldRow[]): FieldRow[] => rows.map((row): FieldRow => ({ ...row, tier: 'T3' }))
const timeout = (name: string): FieldRow => ({ name, type: 'integer', default: 60_000, min: 1, max: MAX_TIMEOUT })

const CREDENTIALS = [
  'keyauth_credentials',
  'basicauth_credentials',
  'hmacauth_credentials',
  'jwt_secrets',
  'oauth2_credentials',
  'mtls_auth_credentials',
]

/** Members and defaults of each kind of entity (reference section 8.2). */
const ENTITY_ROWS = {
  services: [
    ...COMMON,
    ...text('name', 'host', 'path', 'url'),
    { name: 'protocol', type: 'string', default: 'http', enum: PROTOCOLS },
    { name: 'port', type: 'integer', default: 80, min: 0, max: 65_535 },
    { name: 'retries', type: 'integer', default: 5, min: 0, max: 32_767 },
    timeout('connect_timeout'),
    ...unused([timeout('write_timeout')]),
    timeout('read_timeout'),
    { name: 'enabled', type: 'boolean', default: true },
    { name: 'tls_verify', type: 'boolean' },
    ...unused([
      { name: 'tls_verify_depth', type: 'integer', min: 0, max: 64 },
      { name: 'ca_certificates', type: 'array of string' },
      ...any('client_certificate', 'tls_sans'),
    ]),
    ...any('routes', 'plugins'),
  ],
  routes: [
    ...COMMON,
    ...text('name'),
    { name: 'protocols', type: 'set of string', default: ['http', 'https'], enum: PROTOCOLS, minItems: 1 },
    { name: 'methods', type: 'set of string' },
    { name: 'hosts', type: 'array of string' },
    { name: 'paths', type: 'array of string' },
    { name: 'headers', type: 'map of array of string' },
    { name: 'snis', type: 'set of string' },
    { name: 'strip_path', type: 'boolean', default: true },
    { name: 'preserve_host', type: 'boolean', default: false },
    { name: 'regex_priority', type: 'integer', default: 0 },
    { name: 'path_handling', type: 'string', default: 'v0', enum: ['v0', 'v1'] },
    { name: 'https_redirect_status_code', type: 'integer', default: 426 },
    { name: 'request_buffering', type: 'boolean', default: true },
    { name: 'response_buffering', type: 'boolean', default: true },
    ...any('service', 'plugins', 'expression', 'priority'),
    ...unused(any('sources', 'destinations')),
  ],
  plugins: [
    ...COMMON,
    { name: 'name', type: 'string', minLength: 1 },
    ...text('instance_name', '_config'),
    ...unused([...text('condition'), ...any('ordering')]),
    { name: 'enabled', type: 'boolean', default: true },
    { name: 'protocols', type: 'set of string', default: ['grpc', 'grpcs', 'http', 'https'], enum: PROTOCOLS },
    ...any('config', 'partials', 'route', 'service', 'consumer', 'consumer_group'),
  ],
  consumers: [...COMMON, ...text('username', 'custom_id', 'type'), ...any('acls', 'groups', 'plugins', ...CREDENTIALS)],
  consumer_groups: [...COMMON, ...text('name'), ...any('plugins', 'consumers')],
  upstreams: [
    ...COMMON,
    ...text('name', 'hash_on_header', 'hash_fallback_header', 'hash_on_cookie', 'hash_on_cookie_path'),
    ...text('hash_on_query_arg', 'hash_fallback_query_arg', 'hash_on_uri_capture', 'hash_fallback_uri_capture', 'hash_on', 'hash_fallback'),
    {
      name: 'algorithm',
      type: 'string',
      default: 'round-robin',
      enum: ['round-robin', 'least-connections', 'consistent-hashing', 'latency', 'sticky-sessions'],
    },
    { name: 'slots', type: 'integer', default: 10_000, min: 10, max: 65_536 },
    ...unused([...text('host_header'), { name: 'use_srv_name', type: 'boolean', default: false }, ...any('client_certificate')]),
    ...any('healthchecks', 'targets', 'sticky_sessions_cookie', 'sticky_sessions_cookie_path'),
  ],
  targets: [
    ...COMMON,
    ...text('target'),
    { name: 'weight', type: 'integer', default: 100, min: 0, max: 65_535 },
    ...unused([{ name: 'failover', type: 'boolean', default: false }]),
    ...any('upstream'),
  ],
  certificates: [
    ...COMMON,
    { name: 'cert', type: 'string', referenceable: true },
    { name: 'key', type: 'string', referenceable: true, encrypted: true },
    ...unused([
      { name: 'cert_alt', type: 'string', referenceable: true },
      { name: 'key_alt', type: 'string', referenceable: true, encrypted: true },
    ]),
    ...any('snis'),
  ],
  snis: [...COMMON, ...text('name'), ...any('certificate')],
  consumer_group_consumers: [...COMMON, ...any('consumer', 'consumer_group')],
  acls: [...COMMON, ...text('group'), ...any('consumer')],
  vaults: [...COMMON, ...text('name', 'prefix', 'description'), { name: 'config', type: 'map of any', default: {} }],
  partials: [...COMMON, ...text('name', 'type'), ...any('config')],
} satisfies Record<string, readonly FieldRow[]>

export type EntityKind = keyof typeof ENTITY_ROWS

/** Kinds that lie on their own at the top level of a document. */
export const ENTITY_KINDS = Object.keys(ENTITY_ROWS) as readonly EntityKind[]

/** Collections that Kong or decK know and the local gateway does not use. */
export const OTHER_COLLECTIONS: readonly string[] = [
  ...CREDENTIALS,
  'ca_certificates',
  'consumer_group_plugins',
  'custom_entities',
  'degraphql_routes',
  'documents',
  'filter_chains',
  'graphql_ratelimiting_cost_decorations',
  'key_sets',
  'keys',
  'licenses',
  'parameters',
  'rbac_roles',
  'service_packages',
]

/** Kinds for which `_info.defaults` may hold defaults, by the name decK gives them there. */
export const DEFAULTS_KINDS: ReadonlyMap<string, EntityKind> = new Map([
  ['service', 'services'],
  ['route', 'routes'],
  ['upstream', 'upstreams'],
  ['target', 'targets'],
])

const usual = new Map<EntityKind, RecordFields>()

/** The table of one kind, with other defaults where a document's `_info.defaults` has them. */
export function entityFields(kind: EntityKind, defaults?: Readonly<Record<string, unknown>>): RecordFields {
  if (defaults !== undefined) return createFields(ENTITY_ROWS[kind], { defaults })
  const known = usual.get(kind) ?? createFields(ENTITY_ROWS[kind])
  usual.set(kind, known)
  return known
}
