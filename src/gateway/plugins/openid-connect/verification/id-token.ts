import { createHash, timingSafeEqual } from 'node:crypto'
import type { JsonObject } from '../../../../jwt/types.js'
import type { AuthMethodName } from '../../../../kong/openid-connect/config.js'
import type { Exchange } from '../../plugin.js'
import { clientIndexOf } from '../client-choice.js'
import type { OidcContext } from '../types.js'
import { checkLogin } from './access-token.js'
import { verifyToken, type TokenVerdict } from './token-verifier.js'

/** What an ID token came with, and what it must agree with. */
export interface IdTokenCompany {
  readonly access_token?: string | undefined
  readonly code?: string | undefined
  /** The nonce of this login; the token must carry exactly it (with `verify_nonce`). */
  readonly nonce?: string | undefined
  /** The subject the session belongs to: a refresh may not change it (OIDC Core §12.2). */
  readonly sub?: string | undefined
}

type Refused = Extract<TokenVerdict, { kind: 'refused' }>

/**
 * An ID token for the client in use: what every token must pass, plus audience, `azp`, `at_hash`, `c_hash`, nonce, subject, age of the login.
 * @see OIDC Core §3.1.3.7
 */
export async function verifyIdToken(
  token: string,
  method: AuthMethodName,
  company: IdTokenCompany,
  exchange: Exchange,
  context: OidcContext,
): Promise<TokenVerdict> {
  const verdict = await verifyToken(token, method, exchange, context)
  if (verdict.kind === 'refused') return verdict
  const { header, payload } = verdict.jwt
  const { config } = context
  if (config.verify_nonce && company.nonce !== undefined && payload['nonce'] !== company.nonce) {
    return { kind: 'refused', reason: 'nonce_mismatch', detail: 'nonce: not the one of this login' }
  }
  if (company.sub !== undefined && payload['sub'] !== company.sub) return refused('sub: not the one of the session')
  if (config.verify_claims) {
    const clientId = context.provider.client(clientIndexOf(exchange))?.client_id
    const problem = clientId === undefined ? undefined : checkAudience(payload, clientId)
    if (problem) return problem
    for (const [name, value] of [['at_hash', company.access_token] as const, ['c_hash', company.code] as const]) {
      const hash = payload[name]
      if (hash !== undefined && value !== undefined && !isHashOf(hash, value, header['alg'])) return refused(`${name}: does not fit`)
    }
  }
  return checkLogin(payload, exchange, context, true) ?? verdict
}

function checkAudience({ aud, azp }: JsonObject, clientId: string): Refused | undefined {
  const audiences = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : []
  if (!audiences.includes(clientId)) return refused(`aud: expected ${clientId}`)
  if (audiences.length > 1 && azp === undefined) return refused('azp: missing beside several audiences')
  return azp !== undefined && azp !== clientId ? refused(`azp: expected ${clientId}`) : undefined
}

/** The left half of the digest that the token's own `alg` uses (OIDC Core §3.1.3.6). */
function isHashOf(hash: unknown, value: string, alg: unknown): boolean {
  const digest = alg === 'EdDSA' ? 'sha512' : `sha${String(alg).slice(-3)}`
  if (typeof hash !== 'string' || !/^sha(256|384|512)$/.test(digest)) return false
  const full = createHash(digest).update(value, 'ascii').digest()
  const expected = Buffer.from(full.subarray(0, full.length / 2).toString('base64url'))
  const actual = Buffer.from(hash)
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

const refused = (detail: string): Refused => ({ kind: 'refused', reason: 'token_invalid', detail })
