import type { AuthMethodName } from '../../../../kong/openid-connect/config.js'
import type { Exchange } from '../../plugin.js'
import { accessTokenOf } from '../access-token-source.js'
import { claimAt } from '../claims.js'
import type { Refusal } from '../replies.js'
import type { Eventually, OidcContext, Principal } from '../types.js'
import { checkDpop } from './dpop.js'
import { checkCertificate } from './mtls.js'

/** Methods that carry the caller's own token; the proof of a session was given when it began. */
const PROTECTED: readonly AuthMethodName[] = ['bearer', 'introspection']

/** Proof of possession (section 4.7): `optional` for bound tokens only, `strict` for all. */
export function checkPossession(principal: Principal, exchange: Exchange, context: OidcContext): Eventually<Refusal | undefined> {
  const { proof_of_possession_dpop: dpop, proof_of_possession_mtls: mtls } = context.config
  if ((dpop === 'off' && mtls === 'off') || !PROTECTED.includes(principal.method)) return undefined
  return checkProofs(principal, exchange, context)
}

async function checkProofs(principal: Principal, exchange: Exchange, context: OidcContext): Promise<Refusal | undefined> {
  const { proof_of_possession_dpop: dpop, proof_of_possession_mtls: mtls } = context.config
  const { access_token } = principal.tokens
  const found = await accessTokenOf(exchange, context)
  if (access_token === undefined || found.kind !== 'token') return undefined
  const jkt = confirmation(principal, 'jkt')
  const thumbprint = confirmation(principal, 'x5t#S256')
  const refusal =
    (dpop === 'strict' || (dpop === 'optional' && jkt !== undefined)
      ? checkDpop(access_token, jkt, found.scheme, exchange, context)
      : undefined) ??
    (mtls === 'strict' || (mtls === 'optional' && thumbprint !== undefined) ? checkCertificate(thumbprint, exchange) : undefined)
  if (dpop !== 'off') exchange.upstream.remove('dpop')
  return refusal
}

/** A member of `cnf`, from the token or from what introspection says (RFC 7800 §3). */
function confirmation(principal: Principal, member: string): string | undefined {
  for (const claims of [principal.accessTokenClaims, principal.introspection]) {
    const value = claimAt(claims, ['cnf', member])
    if (typeof value === 'string') return value
  }
  return undefined
}
