import { showValue } from './printable.js'
import type { TokenReading } from './reading.js'

export type TokenKind =
  | 'access token'
  | 'ID token'
  | 'refresh token'
  | 'logout token'
  | 'DPoP proof'
  | 'client assertion'
  | 'request object'
  | 'introspection response'
  | 'UserInfo response'
  | 'SD-JWT'
  | 'security event'
  | 'Kubernetes service account token'
  | 'CI identity token'
  | 'authorization response (JARM)'
  | 'encrypted token'
  | 'opaque token'
  | 'JWT'

/** What a token most likely is, and what speaks for it. */
export interface KindGuess {
  readonly kind: TokenKind
  readonly evidence: string
}

const BY_TYP: Readonly<Record<string, TokenKind>> = {
  'at+jwt': 'access token',
  'logout+jwt': 'logout token',
  'dpop+jwt': 'DPoP proof',
  'client-authentication+jwt': 'client assertion',
  'oauth-authz-req+jwt': 'request object',
  'token-introspection+jwt': 'introspection response',
  'secevent+jwt': 'security event',
  'vc+sd-jwt': 'SD-JWT',
  'dc+sd-jwt': 'SD-JWT',
  'kb+jwt': 'SD-JWT',
}

const ID_TOKEN_MARKS: readonly string[] = ['nonce', 'at_hash', 'c_hash', 's_hash', 'auth_time']
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** The kind by explicit type first, then by what only one kind carries, then by shape (RFC 8725 §3.12). */
export function guessKind(reading: TokenReading): KindGuess {
  if (reading.form === 'opaque') return { kind: 'opaque token', evidence: 'no JWT' }
  if (reading.form === 'jwe' || reading.form === 'jwe-json') return { kind: 'encrypted token', evidence: 'five parts (RFC 7516)' }
  const { header = {}, payload = {} } = reading
  const typ = typeof header['typ'] === 'string' ? header['typ'].toLowerCase().replace(/^application\//, '') : undefined
  const typed = typ !== undefined && Object.hasOwn(BY_TYP, typ) ? BY_TYP[typ] : undefined
  if (typed) return { kind: typed, evidence: `typ ${typ}` }
  if (reading.form === 'sd-jwt' || payload['_sd'] !== undefined) return { kind: 'SD-JWT', evidence: 'disclosures' }
  return byVendorMark(payload) ?? byShape(payload) ?? { kind: 'JWT', evidence: 'nothing that says more' }
}

function byVendorMark(payload: NonNullable<TokenReading['payload']>): KindGuess | undefined {
  const own = payload['typ'] ?? payload['token_use']
  const uses: Readonly<Record<string, TokenKind>> = {
    Bearer: 'access token',
    ID: 'ID token',
    Refresh: 'refresh token',
    Offline: 'refresh token',
    Logout: 'logout token',
    access: 'access token',
    id: 'ID token',
    refresh: 'refresh token',
  }
  const use = typeof own === 'string' && Object.hasOwn(uses, own) ? uses[own] : undefined
  if (use) return { kind: use, evidence: `claim ${payload['typ'] === own ? 'typ' : 'token_use'} ${showValue(own)}` }
  if (payload['kubernetes.io'] !== undefined) return { kind: 'Kubernetes service account token', evidence: 'claim kubernetes.io' }
  const pipeline = ['job_workflow_ref', 'pipeline_source', 'ci_config_ref_uri'].find((name) => payload[name] !== undefined)
  return pipeline === undefined ? undefined : { kind: 'CI identity token', evidence: `claim ${pipeline}` }
}

function byShape(payload: NonNullable<TokenReading['payload']>): KindGuess | undefined {
  const has = (name: string): boolean => payload[name] !== undefined
  const events = payload['events']
  if (typeof events === 'object' && events !== null && LOGOUT_EVENT in events) return { kind: 'logout token', evidence: 'claim events' }
  if (has('htm') && has('htu')) return { kind: 'DPoP proof', evidence: 'claims htm and htu' }
  if (has('token_introspection')) return { kind: 'introspection response', evidence: 'claim token_introspection' }
  if (has('response_type') && has('client_id')) return { kind: 'request object', evidence: 'claims response_type and client_id' }
  if (has('iss') && has('aud') && (has('code') || has('error')) && has('state'))
    return { kind: 'authorization response (JARM)', evidence: 'claims code and state' }
  const mark = ID_TOKEN_MARKS.find(has)
  if (mark !== undefined && !has('scope') && !has('scp')) return { kind: 'ID token', evidence: `claim ${mark}` }
  const access = ['scope', 'scp', 'client_id', 'cid'].find(has)
  if (access !== undefined) return { kind: 'access token', evidence: `claim ${access}` }
  if (has('iss') && payload['iss'] === payload['sub'] && has('aud') && has('jti'))
    return { kind: 'client assertion', evidence: 'iss equals sub' }
  return has('sub') && !has('exp') && !has('iat') ? { kind: 'UserInfo response', evidence: 'sub without any time' } : undefined
}
