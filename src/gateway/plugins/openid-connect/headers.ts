import type { JsonObject, JsonValue } from '../../../jwt/types.js'
import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import { pairs } from '../../provider/pairs.js'
import type { HeaderEdits } from '../../header-edits.js'
import type { Exchange } from '../plugin.js'
import { findClaim } from './claims.js'
import type { OidcContext, Principal } from './types.js'
import { CLAIM_HEADER_ENCODING, OBJECT_HEADER_ENCODING } from './unconfirmed.js'

type Side = 'upstream' | 'downstream'

const base64Json = (value: JsonValue): string => Buffer.from(JSON.stringify(value)).toString(OBJECT_HEADER_ENCODING)
const object = (value: JsonObject | undefined): string | undefined => value && base64Json(value)

/** One header a field: what it carries for a principal. */
const FIELDS = {
  access_token_header: ({ tokens }) => tokens.access_token,
  access_token_jwk_header: ({ accessTokenJwk }) => object(accessTokenJwk),
  id_token_header: ({ tokens }) => tokens.id_token,
  id_token_jwk_header: ({ idTokenJwk }) => object(idTokenJwk),
  refresh_token_header: ({ tokens }) => tokens.refresh_token,
  introspection_header: ({ introspection }) => object(introspection),
  introspection_jwt_header: ({ introspectionJwt }) => introspectionJwt,
  user_info_header: ({ userinfo }) => object(userinfo),
  user_info_jwt_header: ({ userinfoJwt }) => userinfoJwt,
  session_id_header: ({ session }) => session?.id,
} satisfies Record<string, (principal: Principal) => string | undefined>

const FIELD_NAMES = Object.keys(FIELDS) as (keyof typeof FIELDS)[]

interface Mapping {
  readonly header: string
  readonly path: readonly string[]
}

/** Headers from claims, older pair form first: a later mapping of the same header wins. */
function mappings(config: OpenIdConnectConfig, side: Side): Mapping[] {
  const older = pairs(config[`${side}_headers_names`], config[`${side}_headers_claims`]).map(([header, claim]) => ({
    header,
    path: [claim],
  }))
  const newer = (config[`${side}_headers`] ?? []).flatMap(({ header, path }) =>
    header !== null && path !== null ? [{ header, path }] : [],
  )
  return [...older, ...newer]
}

/** `_` becomes `-`; `authorization:bearer` is a name and a scheme. */
function parseName(field: string): { readonly name: string; readonly scheme: string } {
  const [name = '', scheme = ''] = field.split(':')
  return { name: name.trim().replace(/_/g, '-'), scheme: scheme.trim().toLowerCase() === 'bearer' ? 'Bearer ' : '' }
}

/** Sets what the configuration maps, upstream and downstream (section 6). A value that cannot be a field value leaves no header at all. */
export function setHeaders(principal: Principal, exchange: Exchange, context: OidcContext): void {
  for (const side of ['upstream', 'downstream'] as const) {
    const edits = exchange[side]
    for (const field of FIELD_NAMES) {
      const header = context.config[`${side}_${field}`]
      if (header === null) continue
      const { name, scheme } = parseName(header)
      const value = FIELDS[field](principal)
      if (value !== undefined) edits.set(name, scheme + value)
      else if (name.toLowerCase() !== 'authorization') edits.remove(name)
    }
    for (const mapping of mappings(context.config, side)) setClaimHeader(mapping, principal, edits, context)
  }
  setSessionHeaders(principal, exchange, context)
}

function setClaimHeader({ header, path }: Mapping, principal: Principal, edits: HeaderEdits, { services }: OidcContext): void {
  const { name } = parseName(header)
  const value = findClaim(principal, path)
  if (value === undefined) return edits.remove(name)
  if (typeof value === 'object') services.log('info', `[openid-connect] ${name} carries ${path.join('.')} as base64 of JSON`)
  edits.set(name, claimText(value))
}

/** Strings as they are, numbers and booleans as text, lists and objects as base64 of compact JSON (U10). */
const claimText = (value: JsonValue): string =>
  typeof value === 'object' ? Buffer.from(JSON.stringify(value)).toString(CLAIM_HEADER_ENCODING) : String(value)

function setSessionHeaders({ session }: Principal, exchange: Exchange, { config, sessions }: OidcContext): void {
  if (!session) return
  const wanted = { upstream: config.session_request_headers, downstream: config.session_response_headers }
  if (!wanted.upstream && !wanted.downstream) return
  const { idling, rolling, absolute } = sessions.timeouts(session)
  const nearest = [idling, rolling, absolute].filter((seconds) => seconds !== undefined)
  const facts = {
    id: session.id,
    audience: config.session_audience,
    subject: session.data.subject,
    timeout: nearest.length > 0 ? Math.min(...nearest) : undefined,
    'idling-timeout': idling,
    'rolling-timeout': rolling,
    'absolute-timeout': absolute,
  }
  for (const side of ['upstream', 'downstream'] as const) {
    for (const name of wanted[side] ?? []) {
      const value = facts[name]
      if (value !== undefined) exchange[side].set(headerOfFact(name), typeof value === 'number' ? String(Math.trunc(value)) : value)
    }
  }
}

const headerOfFact = (name: string): string => `Session-${name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())}`

/** Names that clients of this instance never get to send: every mapped header, and the usual names for identity facts (G-22). */
export function managedHeaders(config: OpenIdConnectConfig): readonly string[] {
  const fields = FIELD_NAMES.flatMap((field) => config[`upstream_${field}`] ?? [])
  const named = [...fields, ...mappings(config, 'upstream').map(({ header }) => header)].map((field) => parseName(field).name.toLowerCase())
  const sessions = (config.session_request_headers ?? []).map((name) => headerOfFact(name).toLowerCase())
  const usual = ['x-userinfo', 'x-id-token', 'x-refresh-token', ...(config.hide_credentials ? ['x-access-token'] : [])]
  // the client's own Authorization is judged, hidden or replaced by name elsewhere
  return [...new Set([...named, ...sessions, ...usual])].filter((name) => name !== 'authorization')
}
