import type { JsonObject } from '../../../jwt/types.js'
import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { ReasonCode } from '../../../trace/reason.js'
import type { Decision, Exchange } from '../plugin.js'
import { claimAt, claimStrings, findClaim, type ClaimSource } from './claims.js'
import { perInstance } from './per-instance.js'
import type { Refusal } from './replies.js'
import type { OidcContext, Principal } from './types.js'

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

/** What the checks said, kept with the access token's claims, for as long as the others are the very same too: nothing else decides them. */
interface Judged {
  readonly idTokenClaims: JsonObject | undefined
  readonly introspection: JsonObject | undefined
  readonly userinfo: JsonObject | undefined
  readonly scope: string | undefined
  readonly refusal: Refusal | undefined
  readonly steps: readonly Decision[]
}

const judgedOf = perInstance(() => new WeakMap<JsonObject, Judged>())

/** The required checks of section 2.3, step 8: issuers first, then scopes, audience, groups, roles, forbidden claims. Worked out once a token. */
export function checkRequired(principal: Principal, exchange: Exchange, context: OidcContext): Refusal | undefined {
  const key = principal.accessTokenClaims ?? principal.introspection ?? principal.idTokenClaims ?? principal.userinfo
  let judged = key && judgedOf(context).get(key)
  if (!judged || !isAbout(judged, principal)) {
    judged = judge(principal, context.config)
    if (key) judgedOf(context).set(key, judged)
  }
  for (const step of judged.steps) exchange.decide(step)
  return judged.refusal
}

const isAbout = (judged: Judged, { idTokenClaims, introspection, userinfo, tokens }: Principal): boolean =>
  judged.introspection === introspection &&
  judged.idTokenClaims === idTokenClaims &&
  judged.userinfo === userinfo &&
  judged.scope === tokens.scope

function judge(principal: Principal, config: OpenIdConnectConfig): Judged {
  const steps: Decision[] = []
  const refusal = firstRefusal(principal, config, steps)
  const { idTokenClaims, introspection, userinfo, tokens } = principal
  return { idTokenClaims, introspection, userinfo, scope: tokens.scope, refusal, steps }
}

function firstRefusal(principal: Principal, config: OpenIdConnectConfig, steps: Decision[]): Refusal | undefined {
  const issuer = checkIssuer(principal, config)
  note(steps, 'issuers_allowed', config.issuers_allowed !== null, issuer)
  if (issuer) return issuer
  for (const claim of REQUIRED) {
    const required = config[`${claim.name}_required`]
    const missing = required?.length ? checkClaim(claim, required, principal, config) : undefined
    note(steps, `${claim.name}_required`, Boolean(required?.length), missing)
    if (missing) return missing
  }
  const forbidden = checkForbidden(principal, config)
  note(steps, 'claims_forbidden', Boolean(config.claims_forbidden?.length), forbidden)
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

function note(steps: Decision[], name: string, isSet: boolean, refusal: Refusal | undefined): void {
  if (!isSet) return
  steps.push({
    name,
    outcome: refusal ? 'fail' : 'pass',
    ...(refusal && { reason: refusal.reason, ...(refusal.detail !== undefined && { detail: refusal.detail }) }),
  })
}
