import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { ReasonCode } from '../../../trace/reason.js'
import type { Exchange } from '../plugin.js'
import { claimAt, claimStrings, findClaim, type ClaimSource } from './claims.js'
import type { Refusal } from './replies.js'
import type { Principal } from './types.js'

interface RequiredClaim {
  readonly name: 'scopes' | 'audience' | 'groups' | 'roles'
  readonly reason: ReasonCode
  readonly sources: readonly ClaimSource[]
}

/** What an ID token says about its own audience and scopes is about the client, not about the API: it never satisfies those two. */
const ABOUT_THE_TOKEN: readonly ClaimSource[] = ['accessToken', 'introspection', 'userinfo']
const ABOUT_THE_SUBJECT: readonly ClaimSource[] = ['accessToken', 'idToken', 'introspection', 'userinfo']

const REQUIRED: readonly RequiredClaim[] = [
  { name: 'scopes', reason: 'scope_missing', sources: ABOUT_THE_TOKEN },
  { name: 'audience', reason: 'audience_missing', sources: ABOUT_THE_TOKEN },
  { name: 'groups', reason: 'group_missing', sources: ABOUT_THE_SUBJECT },
  { name: 'roles', reason: 'role_missing', sources: ABOUT_THE_SUBJECT },
]

/** The required checks of section 2.3, step 8: issuers first, then scopes, audience, groups, roles, forbidden claims. */
export function checkRequired(principal: Principal, exchange: Exchange, config: OpenIdConnectConfig): Refusal | undefined {
  const issuer = checkIssuer(principal, config)
  trace(exchange, 'issuers_allowed', config.issuers_allowed !== null, issuer)
  if (issuer) return issuer
  for (const claim of REQUIRED) {
    const required = config[`${claim.name}_required`]
    const missing = required?.length ? checkClaim(claim, required, principal, config) : undefined
    trace(exchange, `${claim.name}_required`, Boolean(required?.length), missing)
    if (missing) return missing
  }
  const forbidden = checkForbidden(principal, config)
  trace(exchange, 'claims_forbidden', Boolean(config.claims_forbidden?.length), forbidden)
  return forbidden
}

function checkIssuer(principal: Principal, { issuers_allowed }: OpenIdConnectConfig): Refusal | undefined {
  if (!issuers_allowed) return undefined
  const claims = principal.accessTokenClaims ?? principal.introspection
  const iss = claims?.['iss']
  // an opaque token whose introspection names no issuer was vouched for by the configured one
  if (iss === undefined && !principal.accessTokenClaims) return undefined
  if (typeof iss === 'string' && issuers_allowed.includes(iss)) return undefined
  const shown = typeof iss === 'string' ? iss : 'none'
  return { reason: 'issuer_not_allowed', detail: `iss: expected ${issuers_allowed.join(' or ')}, got ${shown}` }
}

function checkClaim(
  { name, reason, sources }: RequiredClaim,
  required: readonly string[],
  principal: Principal,
  config: OpenIdConnectConfig,
): Refusal | undefined {
  const path = config[`${name}_claim`]
  const value = findClaim(principal, path, sources)
  // an opaque token of the token endpoint: its response said what was granted (RFC 6749 §5.1)
  const granted = name === 'scopes' && value === undefined && !principal.introspection ? principal.tokens.scope : undefined
  const held = new Set(claimStrings(value ?? granted))
  if (required.some((entry) => satisfies(held, entry))) return undefined
  return { reason, detail: `${path.join('.')}: expected ${required.join(' or ')}, got ${[...held].join(', ') || 'none'}` }
}

/** Words of one entry are all needed (AND); entries are alternatives (OR). An entry without a word asks for nothing and grants nothing. */
function satisfies(held: ReadonlySet<string>, entry: string): boolean {
  const words = entry.split(/\s+/).filter((word) => word !== '')
  return words.length > 0 && words.every((word) => held.has(word))
}

function checkForbidden(principal: Principal, { claims_forbidden }: OpenIdConnectConfig): Refusal | undefined {
  const present = claims_forbidden?.find((name) =>
    [principal.accessTokenClaims, principal.introspection].some(
      (claims) => claims && (Object.hasOwn(claims, name) || claimAt(claims, [name]) !== undefined),
    ),
  )
  return present === undefined ? undefined : { reason: 'claim_forbidden', detail: `the claim ${present} must not be there` }
}

function trace(exchange: Exchange, name: string, isSet: boolean, refusal: Refusal | undefined): void {
  if (!isSet) return
  exchange.trace({
    kind: 'decision',
    by: 'gateway',
    name,
    outcome: refusal ? 'fail' : 'pass',
    ...(refusal && { reason: refusal.reason, ...(refusal.detail !== undefined && { detail: refusal.detail }) }),
    at: exchange.now(),
  })
}
