import { CHECKS } from '../../../../jwt/checks/index.js'
import type { Check } from '../../../../jwt/checks/check.js'
import { numericDate } from '../../../../jwt/checks/time.js'
import { readCompactJwt } from '../../../../jwt/compact.js'
import type { KeySet } from '../../../../jwt/key-set.js'
import type { CheckResult, DecodedJwt, JsonObject } from '../../../../jwt/types.js'
import type { VerifyOptions } from '../../../../jwt/verify.js'
import type { AuthMethodName } from '../../../../kong/openid-connect/config.js'
import type { ReasonCode } from '../../../../trace/reason.js'
import type { Discovered } from '../../../provider/discovery.js'
import type { Exchange } from '../../plugin.js'
import { clientIndexOf } from '../client-choice.js'
import { perInstance } from '../per-instance.js'
import type { Eventually, OidcContext } from '../types.js'
import { ALLOWED_ISSUER_PASSES_CLAIM_CHECK, AUDIENCE_VERIFIES_AUD } from '../unconfirmed.js'
import { firstFailureOf } from './run-checks.js'
import { createVerdictCache, tokenDigest } from './verdict-cache.js'

/** What verification of a JWT said. A refusal names the row of the outcome table. */
export type TokenVerdict =
  | { readonly kind: 'verified'; readonly jwt: DecodedJwt; readonly claims: JsonObject; readonly jwk?: JsonObject }
  | { readonly kind: 'refused'; readonly reason: ReasonCode; readonly detail: string }

/** Longer tokens are refused before any work. */
const MAX_TOKEN_BYTES = 16_384
/** What the plugin verifies; HS* only with `enable_hs_signatures`, where the key set holds the client secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'HS256', 'HS384', 'HS512']

const SIGNATURE_CHECKS: readonly Check[] = [CHECKS.alg, CHECKS.crit, CHECKS.key, CHECKS.signature]
const CLAIM_CHECKS: readonly Check[] = [CHECKS.exp, CHECKS.nbf, CHECKS.iat, CHECKS.iss, CHECKS.aud]

const cacheOf = perInstance(createVerdictCache)
const warnedIssuers = perInstance(() => new Set<string>())

/**
 * Signature and standard claims of a token of this provider (section 3.2): `verify_signature`, `ignore_signature`, `verify_claims`,
 * `leeway`, `issuers_allowed`. An unknown key leads to one rediscovery, unless the claims refuse the token anyway.
 * @param method how the token was come by, for `ignore_signature`.
 * @throws {OidcgwError} `ERR_PROVIDER_METADATA` when nothing is known about the provider.
 */
export function verifyToken(token: string, method: AuthMethodName, exchange: Exchange, context: OidcContext): Eventually<TokenVerdict> {
  const discovered = context.provider.discover(exchange.trace)
  if (discovered instanceof Promise) return discovered.then(() => verifyToken(token, method, exchange, context))
  const first = verifyWith(token, method, exchange, context, discovered)
  const isUnknown = first.kind === 'refused' && first.reason === 'token_unknown_key'
  return isUnknown ? verifyAgain(first, token, method, exchange, context) : first
}

async function verifyAgain(
  first: TokenVerdict,
  token: string,
  method: AuthMethodName,
  exchange: Exchange,
  context: OidcContext,
): Promise<TokenVerdict> {
  if (!(await context.provider.renewKeys(exchange.trace))) return first
  return verifyWith(token, method, exchange, context, await context.provider.discover(exchange.trace))
}

function verifyWith(token: string, method: AuthMethodName, exchange: Exchange, context: OidcContext, discovered: Discovered): TokenVerdict {
  const { config } = context
  const now = exchange.now()
  const keys = context.provider.keys(discovered, clientIndexOf(exchange))
  const digest = tokenDigest(token)
  const cached = cacheOf(context).get(digest, keys.generation, now)
  if (cached && now >= cached.passesFrom && now < cached.passesUntil) return verified(cached.jwt, cached.jwk)
  const jwt = cached?.jwt ?? read(token)
  if (!('payload' in jwt)) return jwt
  const options = verifyOptions(context, discovered, keys, now)

  // claims first: they cost nothing, and an expired token with an unknown kid must not make anybody fetch keys (G-86)
  if (config.verify_claims) {
    const failure = firstFailureOf(jwt, options, CLAIM_CHECKS)
    if (failure) return refusal(failure)
    warnAboutForeignIssuer(jwt, context, discovered)
  }
  if (cached) return verified(cached.jwt, cached.jwk)
  if (!config.verify_signature || (config.ignore_signature as readonly string[]).includes(method)) return verified(jwt, undefined)
  const failure = firstFailureOf(jwt, options, SIGNATURE_CHECKS)
  if (failure) return refusal(failure)
  const jwk = jwkOf(jwt, keys)
  cacheOf(context).set(digest, keys.generation, now, { jwt, jwk, ...passingTimes(jwt, config) })
  return verified(jwt, jwk)
}

/** When the claims that passed just now go on passing: nothing in them but the clock can change the verdict. */
function passingTimes(
  { payload }: DecodedJwt,
  { verify_claims, leeway }: OidcContext['config'],
): { passesFrom: number; passesUntil: number } {
  if (!verify_claims) return { passesFrom: -Infinity, passesUntil: Infinity }
  const seconds = (name: string) => numericDate(payload[name], true)
  const from = Math.max(seconds('nbf') ?? -Infinity, seconds('iat') ?? -Infinity)
  return { passesFrom: (from - leeway) * 1000, passesUntil: ((seconds('exp') ?? -Infinity) + leeway) * 1000 }
}

function read(token: string): DecodedJwt | Extract<TokenVerdict, { kind: 'refused' }> {
  const reading = readCompactJwt(token, { maxBytes: MAX_TOKEN_BYTES })
  return reading.problem === undefined ? reading.value : { kind: 'refused', reason: 'token_malformed', detail: reading.problem }
}

function verifyOptions(
  { config }: OidcContext,
  { metadata }: Discovered,
  keys: KeySet,
  now: number,
): VerifyOptions & { readonly now: number } {
  const listed = ALLOWED_ISSUER_PASSES_CLAIM_CHECK ? (config.issuers_allowed ?? []) : []
  return {
    keys,
    algorithms: ALGORITHMS,
    issuer: [metadata.issuer, ...listed],
    now,
    leewaySeconds: config.leeway,
    lenientTimes: true,
    ...(AUDIENCE_VERIFIES_AUD && config.audience && { audience: config.audience }),
  }
}

function warnAboutForeignIssuer({ payload }: DecodedJwt, context: OidcContext, { metadata }: Discovered): void {
  const iss = payload['iss']
  if (typeof iss !== 'string' || iss === metadata.issuer || warnedIssuers(context).has(iss)) return
  warnedIssuers(context).add(iss)
  context.services.log(
    'warn',
    `[openid-connect] ${iss} passes through issuers_allowed; some versions of Kong also need verify_claims: false for it`,
  )
}

/** The one published key that may have signed it; undefined for a shared secret. */
function jwkOf({ header }: DecodedJwt, keys: KeySet): JsonObject | undefined {
  const kid = typeof header['kid'] === 'string' ? header['kid'] : undefined
  const alg = header['alg'] as string
  return keys.candidates(kid).find(({ algorithms }) => (algorithms as readonly string[]).includes(alg))?.jwk as JsonObject | undefined
}

const verified = (jwt: DecodedJwt, jwk: JsonObject | undefined): TokenVerdict => ({
  kind: 'verified',
  jwt,
  claims: jwt.payload,
  ...(jwk && { jwk }),
})

const refusal = ({ check, reason = 'refused', code = 'token_invalid' }: CheckResult): Extract<TokenVerdict, { kind: 'refused' }> => ({
  kind: 'refused',
  reason: code,
  detail: `${check}: ${reason}`,
})
