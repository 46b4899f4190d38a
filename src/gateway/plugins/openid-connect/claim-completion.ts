import { numericDate } from '../../../jwt/checks/time.js'
import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { Exchange } from '../plugin.js'
import { findClaim } from './claims.js'
import { introspect } from './introspection.js'
import type { AuthOutcome, Eventually, OidcContext, Principal } from './types.js'
import { askUserinfo } from './userinfo.js'

type Stopped = Extract<AuthOutcome, { kind: 'rejected' | 'undetermined' }>

/**
 * Introspection beside the method that accepted the token (section 3.4): JWTs when `introspect_jwt_tokens` says so, opaque tokens when
 * `introspection` is enabled. A session keeps the answer, so that only a refreshed token is asked about again.
 */
export function completeWithIntrospection(principal: Principal, exchange: Exchange, context: OidcContext): Eventually<Principal | Stopped> {
  const { config } = context
  const { access_token } = principal.tokens
  if (principal.introspection || access_token === undefined || principal.method === 'userinfo') return principal
  const wanted = principal.accessTokenClaims ? config.introspect_jwt_tokens : config.auth_methods.includes('introspection')
  return wanted ? askIntrospection(access_token, principal, exchange, context) : principal
}

async function askIntrospection(
  accessToken: string,
  principal: Principal,
  exchange: Exchange,
  context: OidcContext,
): Promise<Principal | Stopped> {
  const answer = await introspect(accessToken, exchange, context)
  exchange.decide({ name: 'introspection', outcome: OUTCOMES[answer.kind] })
  if (answer.kind === 'failed') return { kind: 'undetermined', reason: 'introspection_failed', detail: answer.detail, cause: answer.cause }
  if (answer.kind === 'inactive') {
    return { kind: 'rejected', reason: 'token_inactive', detail: 'the provider says the token is not active', fallthrough: false }
  }
  const expires_at = principal.tokens.expires_at ?? numericDate(answer.claims['exp'], true)
  return {
    ...principal,
    tokens: { ...principal.tokens, ...(expires_at !== undefined && { expires_at }) },
    introspection: answer.claims,
    ...(answer.jwt !== undefined && { introspectionJwt: answer.jwt }),
  }
}

const OUTCOMES = { active: 'pass', inactive: 'fail', failed: 'undetermined' } as const

/** Userinfo where a header wants it, or where `search_user_info` has to fill a claim that the tokens lack (section 3.5). */
export function completeWithUserinfo(principal: Principal, exchange: Exchange, context: OidcContext): Eventually<Principal | Stopped> {
  const { config } = context
  const { access_token } = principal.tokens
  if (principal.userinfo || access_token === undefined) return principal
  if (!wantsUserinfoHeader(config) && !(config.search_user_info && lacksClaim(principal, config))) return principal
  return addUserinfo(access_token, principal, exchange, context)
}

async function addUserinfo(
  accessToken: string,
  principal: Principal,
  exchange: Exchange,
  context: OidcContext,
): Promise<Principal | Stopped> {
  const answer = await askUserinfo(accessToken, principal.tokens.expires_at, exchange, context)
  if (answer.kind === 'failed') return { kind: 'undetermined', reason: 'userinfo_failed', detail: answer.detail, cause: answer.cause }
  const known = principal.idTokenClaims?.['sub'] ?? principal.accessTokenClaims?.['sub']
  // OIDC Core §5.3.2: an answer about somebody else must not be used
  if (principal.idTokenClaims && answer.claims['sub'] !== known) {
    return {
      kind: 'rejected',
      reason: 'userinfo_failed',
      detail: 'userinfo speaks of another subject than the ID token',
      fallthrough: false,
    }
  }
  return { ...principal, userinfo: answer.claims, ...(answer.jwt !== undefined && { userinfoJwt: answer.jwt }) }
}

const USERINFO_HEADERS = [
  'upstream_user_info_header',
  'upstream_user_info_jwt_header',
  'downstream_user_info_header',
  'downstream_user_info_jwt_header',
] as const

const wantsUserinfoHeader = (config: OpenIdConnectConfig): boolean => USERINFO_HEADERS.some((name) => config[name] !== null)

/** Claims that userinfo may supply: for the consumer, the credential, groups and headers. */
function lacksClaim(principal: Principal, config: OpenIdConnectConfig): boolean {
  const lacks = (path: readonly string[]) => findClaim(principal, path) === undefined
  const consumers = config.consumer_claims ?? []
  if (consumers.length > 0 && consumers.every(lacks)) return true
  const paths = [
    config.credential_claim,
    ...(config.groups_required ? [config.groups_claim] : []),
    ...(config.authenticated_groups_claim ? [config.authenticated_groups_claim] : []),
    ...(config.consumer_groups_claim ? [config.consumer_groups_claim] : []),
    ...(['upstream', 'downstream'] as const).flatMap((side) => [
      ...(config[`${side}_headers`] ?? []).flatMap(({ path }) => (path ? [path] : [])),
      ...(config[`${side}_headers_claims`] ?? []).map((claim) => [claim]),
    ]),
  ]
  return paths.some(lacks)
}
