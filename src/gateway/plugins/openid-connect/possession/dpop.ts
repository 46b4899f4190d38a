import { createHmac, timingSafeEqual } from 'node:crypto'
import { verifyDpopProof } from '../../../../jwt/dpop.js'
import { firstFailure } from '../../../../jwt/verify.js'
import type { Exchange } from '../../plugin.js'
import { ExpiringCache } from '../cache/expiring-cache.js'
import { perInstance } from '../per-instance.js'
import type { Refusal } from '../replies.js'
import { headerFields } from '../request-arguments.js'
import type { OidcContext } from '../types.js'

const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']

const stateOf = perInstance(({ services }) => ({
  /** `jti` values that were used, until their proofs have ended anyway. */
  used: new ExpiringCache<{ readonly at: number }>(100_000),
  nonceKey: services.random(32),
}))

/**
 * The proof that the caller holds the key the token is bound to: one `DPoP` field, for this method and URL, this token, fresh, used once.
 * @param jkt thumbprint the token names in `cnf.jkt`.
 * @param scheme how the token was presented: a bound token under `Bearer` is refused (RFC 9449 §7.1).
 * @see RFC 9449 §4.3
 */
export function checkDpop(
  token: string,
  jkt: string | undefined,
  scheme: 'Bearer' | 'DPoP',
  exchange: Exchange,
  context: OidcContext,
): Refusal | undefined {
  const { config } = context
  if (jkt === undefined) return failed('the token is not bound to a key (cnf.jkt)')
  if (scheme !== 'DPoP') return failed('a bound token was presented as Bearer')
  const fields = headerFields(exchange.request, 'dpop')
  const [proof] = fields
  if (proof === undefined || fields.length !== 1)
    return failed(proof === undefined ? 'there is no DPoP proof' : 'there are several DPoP proofs')
  const { request } = exchange
  const verdict = verifyDpopProof(proof, {
    now: exchange.now(),
    method: request.method,
    url: `${request.scheme}://${request.host}:${request.port}${request.path}`,
    accessToken: token,
    algorithms: ALGORITHMS,
    maxAgeSeconds: config.dpop_proof_lifetime,
    // with a nonce of ours the client's clock does not matter
    leewaySeconds: config.dpop_use_nonce ? config.dpop_proof_lifetime : config.leeway,
  })
  if (!verdict.valid) {
    const failure = firstFailure(verdict)
    return failed(`DPoP proof: ${failure?.check ?? 'signature'}: ${failure?.reason ?? 'refused'}`)
  }
  if (verdict.jkt !== jkt) return failed('the DPoP proof is by another key than the token is bound to')
  const claims = verdict.token?.payload ?? {}
  if (config.dpop_use_nonce && !isOwnNonce(claims['nonce'], exchange, context)) return nonceDemand(exchange, context)
  return isReplay(JSON.stringify([jkt, claims['jti'] ?? null]), exchange, context) ? failed('the DPoP proof was used before') : undefined
}

function isReplay(key: string, exchange: Exchange, context: OidcContext): boolean {
  const { used } = stateOf(context)
  const now = exchange.now()
  if (used.get(key, now)) return true
  // a proof is good from leeway before its iat until its lifetime after it
  used.set(key, { at: now }, now + (context.config.dpop_proof_lifetime * 2 + context.config.leeway) * 1000)
  return false
}

/** A nonce that says when it was made and that we made it; nothing is stored (RFC 9449 §8). */
function makeNonce(exchange: Exchange, context: OidcContext): string {
  const at = String(Math.floor(exchange.now() / 1000))
  return `${at}.${macOf(at, context)}`
}

function isOwnNonce(nonce: unknown, exchange: Exchange, context: OidcContext): boolean {
  const [, at, mac] = typeof nonce === 'string' ? (/^(\d{1,12})\.([\w-]{43})$/.exec(nonce) ?? []) : []
  if (at === undefined || mac === undefined || !timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(at, context)))) return false
  const age = exchange.now() / 1000 - Number(at)
  return age >= -1 && age <= context.config.dpop_proof_lifetime
}

/** As text: of the spellings that stand for the same bytes only one is ours. */
const macOf = (at: string, context: OidcContext): string => createHmac('sha256', stateOf(context).nonceKey).update(at).digest('base64url')

const nonceDemand = (exchange: Exchange, context: OidcContext): Refusal => ({
  reason: 'pop_failed',
  detail: 'the DPoP proof carries no nonce of ours',
  scheme: 'DPoP',
  challenge: { error: 'use_dpop_nonce', algs: ALGORITHMS.join(' ') },
  headers: { 'DPoP-Nonce': makeNonce(exchange, context) },
})

const failed = (detail: string): Refusal => ({ reason: 'pop_failed', detail, scheme: 'DPoP', challenge: { algs: ALGORITHMS.join(' ') } })
