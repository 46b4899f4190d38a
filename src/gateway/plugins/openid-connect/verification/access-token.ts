import type { JsonObject } from '../../../../jwt/types.js'
import type { AuthMethodName } from '../../../../kong/openid-connect/config.js'
import { cookieArgument } from '../request-arguments.js'
import type { Exchange } from '../../plugin.js'
import { claimAt } from '../claims.js'
import { after } from '../eventually.js'
import type { Eventually, OidcContext } from '../types.js'
import { verifyToken, type TokenVerdict } from './token-verifier.js'

/** Whether a token has the shape of a JWT (or of an encrypted one): then it is no opaque token. Nearly all are told by their beginning. */
export const looksLikeJwt = (token: string): boolean =>
  /^ey[\w-]*\./.test(token) || /^[\w-]+\.[\w-]+\.[\w-]*(\.[\w-]*\.[\w-]*)?$/.test(token)

/** An access token that is a JWT: signature and claims, that it is no other kind of token, hosted domain, age of the login, session cookie. */
export function verifyAccessToken(
  token: string,
  method: AuthMethodName,
  exchange: Exchange,
  context: OidcContext,
): Eventually<TokenVerdict> {
  return after(verifyToken(token, method, exchange, context), (verdict) => ofAccessToken(verdict, exchange, context))
}

function ofAccessToken(verdict: TokenVerdict, exchange: Exchange, context: OidcContext): TokenVerdict {
  if (verdict.kind === 'refused') return verdict
  const { header, payload } = verdict.jwt
  const kind = otherKind(header, payload)
  if (kind) return { kind: 'refused', reason: 'token_wrong_type', detail: `it is ${kind}, not an access token` }
  return checkSessionCookie(payload, exchange, context) ?? checkLogin(payload, exchange, context, false) ?? verdict
}

const OTHER_TYPES: Readonly<Record<string, string>> = {
  'logout+jwt': 'a logout token',
  'secevent+jwt': 'a security event',
  'dpop+jwt': 'a DPoP proof',
  'token-introspection+jwt': 'an introspection answer',
  'oauth-authz-req+jwt': 'a request object',
  'client-authentication+jwt': 'a client assertion',
}
/** The claim `typ` by which Keycloak tells its tokens apart. */
const OTHER_KINDS: Readonly<Record<string, string>> = {
  ID: 'an ID token',
  Refresh: 'a refresh token',
  Offline: 'a refresh token',
  Logout: 'a logout token',
}

const ONLY_IN_ID_TOKENS = ['nonce', 'at_hash', 'c_hash'] as const

/** What a verified token is when it is no access token (RFC 8725 §3.11, RFC 9068 §4). */
function otherKind(header: JsonObject, claims: JsonObject): string | undefined {
  const typ = header['typ']
  if (typeof typ === 'string') {
    const known = OTHER_TYPES[typ.toLowerCase().replace(/^application\//, '')]
    if (known) return known
  }
  const kind = claims['typ']
  if (typeof kind === 'string' && Object.hasOwn(OTHER_KINDS, kind)) return OTHER_KINDS[kind]
  if (claims['events'] !== undefined) return 'a logout token'
  return ONLY_IN_ID_TOKENS.some((name) => claims[name] !== undefined) ? 'an ID token' : undefined
}

type Refused = Extract<TokenVerdict, { kind: 'refused' }>

/** `jwt_session_cookie`: that cookie's value must be the token's `jwt_session_claim`. */
function checkSessionCookie(claims: JsonObject, { request }: Exchange, { config }: OidcContext): Refused | undefined {
  if (config.jwt_session_cookie === null) return undefined
  const claim = claimAt(claims, [config.jwt_session_claim])
  if (typeof claim === 'string' && cookieArgument(request, config.jwt_session_cookie) === claim) return undefined
  return {
    kind: 'refused',
    reason: 'token_invalid',
    detail: `the cookie ${config.jwt_session_cookie} does not equal ${config.jwt_session_claim}`,
  }
}

/** `domains` (claim `hd`) and `max_age` (claim `auth_time`). An ID token must have an `auth_time` when its age matters (OIDC Core §2). */
export function checkLogin(claims: JsonObject, exchange: Exchange, { config }: OidcContext, isIdToken: boolean): Refused | undefined {
  if (config.domains?.length) {
    const hd = claims['hd']
    if (typeof hd !== 'string' || !config.domains.includes(hd)) {
      return { kind: 'refused', reason: 'token_invalid', detail: `hd: expected ${config.domains.join(' or ')}` }
    }
  }
  if (config.max_age !== null && config.verify_claims) {
    const authTime = claims['auth_time']
    const age = typeof authTime === 'number' ? exchange.now() / 1000 - authTime : undefined
    if (age === undefined ? isIdToken || authTime !== undefined : age > config.max_age + config.leeway) {
      return {
        kind: 'refused',
        reason: 'token_expired',
        detail: `auth_time: the login is older than ${config.max_age} s, or its time unknown`,
      }
    }
  }
  return undefined
}
