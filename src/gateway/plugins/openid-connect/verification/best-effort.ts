import type { JsonObject } from '../../../../jwt/types.js'
import type { AuthMethodName } from '../../../../kong/openid-connect/config.js'
import type { Exchange } from '../../plugin.js'
import { after } from '../eventually.js'
import type { Eventually, OidcContext } from '../types.js'
import { looksLikeJwt } from './access-token.js'
import { verifyToken, type TokenVerdict } from './token-verifier.js'

/**
 * The claims of a token that the provider has vouched for already. They are believed only when the token verifies here too: an endpoint
 * may look at an id inside the token and at nothing else. A token that does not verify is no failure, its claims just do not count.
 */
export function claimsIfGenuine(
  token: string,
  method: AuthMethodName,
  exchange: Exchange,
  context: OidcContext,
): Eventually<GenuineClaims> {
  return looksLikeJwt(token) ? after(verifyToken(token, method, exchange, context), claimsOf) : {}
}

interface GenuineClaims {
  readonly accessTokenClaims?: JsonObject
  readonly accessTokenJwk?: JsonObject
}

function claimsOf(verdict: TokenVerdict): GenuineClaims {
  return verdict.kind === 'verified' ? { accessTokenClaims: verdict.claims, ...(verdict.jwk && { accessTokenJwk: verdict.jwk }) } : {}
}
