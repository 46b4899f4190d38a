import type { JsonObject, JsonValue } from '../../../jwt/types.js'
import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import { pairs } from '../../provider/pairs.js'
import type { HeaderEdits } from '../../header-edits.js'
import type { Exchange } from '../plugin.js'
import { findClaim } from './claims.js'
import { perInstance } from './per-instance.js'
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

/** What one instance sets on one side, worked out once. */
interface Plan {
  readonly fields: readonly {
    readonly name: string
    readonly scheme: string
    readonly value: (principal: Principal) => string | undefined
  }[]
  readonly claims: readonly { readonly name: string; readonly path: readonly string[] }[]
}

const plansOf = perInstance(({ config }) => ({ upstream: makePlan(config, 'upstream'), downstream: makePlan(config, 'downstream') }))

const makePlan = (config: OpenIdConnectConfig, side: Side): Plan => ({
  fields: FIELD_NAMES.flatMap((field) => {
    const header = config[`${side}_${field}`]
    return header === null ? [] : [{ ...parseName(header), value: FIELDS[field] }]
  }),
  claims: mappings(config, side).map(({ header, path }) => ({ name: parseName(header).name, path })),
})

/** Sets what the configuration maps, upstream and downstream (section 6). A value that cannot be a field value leaves no header at all. */
export function setHeaders(principal: Principal, exchange: Exchange, context: OidcContext): void {
  const plans = plansOf(context)
  // claims come from a token that was read whole: nothing but base64url and dots
  const isVerified = principal.accessTokenClaims !== undefined
  for (const side of ['upstream', 'downstream'] as const) {
    const edits = exchange[side]
    for (const { name, scheme, value } of plans[side].fields) {
      const shown = value(principal)
      if (shown !== undefined) edits.set(name, scheme + shown, isVerified && shown === principal.tokens.access_token)
      else if (name.toLowerCase() !== 'authorization') edits.remove(name)
    }
    for (const { name, path } of plans[side].claims) setClaimHeader(name, path, principal, edits, context)
  }
  setSessionHeaders(principal, exchange, context)
}

function setClaimHeader(name: string, path: readonly string[], principal: Principal, edits: HeaderEdits, { services }: OidcContext): void {
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
