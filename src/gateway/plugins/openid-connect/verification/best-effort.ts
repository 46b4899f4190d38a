import type { JsonObject } from '../../../../jwt/types.js'
import type { AuthMethodName } from '../../../../kong/openid-connect/config.js'
import type { Exchange } from '../../plugin.js'
import type { OidcContext } from '../types.js'
import { looksLikeJwt } from './access-token.js'
import { verifyToken } from './token-verifier.js'

/**
 * The claims of a token that the provider has vouched for already. They are believed only when the token verifies here too: an endpoint
 * may look at an id inside the token and at nothing else. A token that does not verify is no failure, its claims just do not count.
 */
export async function claimsIfGenuine(
  token: string,
  method: AuthMethodName,
  exchange: Exchange,
  context: OidcContext,
): Promise<{ readonly accessTokenClaims?: JsonObject; readonly accessTokenJwk?: JsonObject }> {
  if (!looksLikeJwt(token)) return {}
  const verdict = await verifyToken(token, method, exchange, context)
  return verdict.kind === 'verified' ? { accessTokenClaims: verdict.claims, ...(verdict.jwk && { accessTokenJwk: verdict.jwk }) } : {}
}
