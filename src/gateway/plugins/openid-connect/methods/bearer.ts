import { numericDate } from '../../../../jwt/checks/time.js'
import { readIdToken } from '../credentials.js'
import { accessTokenOf } from '../access-token-source.js'
import { clientIndexOf } from '../client-choice.js'
import type { AuthMethod, AuthOutcome, OidcContext } from '../types.js'
import { FALLTHROUGH } from '../unconfirmed.js'
import { looksLikeJwt, verifyAccessToken } from '../verification/access-token.js'
import { verifyIdToken } from '../verification/id-token.js'

/** An access token that is a JWT, verified here with the provider's keys (RFC 6750, RFC 7519). Opaque tokens are others' when anybody else wants them. */
export const bearer: AuthMethod = {
  name: 'bearer',
  async authenticate(exchange, context): Promise<AuthOutcome> {
    const reading = accessTokenOf(exchange, context)
    const found = reading instanceof Promise ? await reading : reading
    if (found.kind !== 'token') return found
    const othersFollow = takersOfOpaqueTokens(context)
    if (!looksLikeJwt(found.token)) {
      if (othersFollow) return { kind: 'absent' }
      return { kind: 'rejected', reason: 'token_malformed', detail: 'the token is opaque, and only JWTs are accepted', fallthrough: false }
    }
    const judged = verifyAccessToken(found.token, 'bearer', exchange, context)
    const verdict = judged instanceof Promise ? await judged : judged
    if (verdict.kind === 'refused') {
      context.services.log('notice', `[openid-connect] unable to verify bearer token (${verdict.detail})`)
      return { ...verdict, kind: 'rejected', fallthrough: othersFollow }
    }
    const company = readIdToken(exchange.request, context.config)
    const idToken = company instanceof Promise ? await company : company
    const id = idToken && (await verifyIdToken(idToken.value, 'bearer', { access_token: found.token }, exchange, context))
    if (id?.kind === 'refused') return { ...id, kind: 'rejected', fallthrough: false }
    const expires_at = numericDate(verdict.claims['exp'], true)
    return {
      kind: 'accepted',
      principal: {
        method: 'bearer',
        tokens: {
          access_token: found.token,
          ...(idToken && { id_token: idToken.value }),
          ...(expires_at !== undefined && { expires_at }),
        },
        accessTokenClaims: verdict.claims,
        ...(verdict.jwk && { accessTokenJwk: verdict.jwk }),
        ...(id && { idTokenClaims: id.claims, ...(id.jwk && { idTokenJwk: id.jwk }) }),
        source: found.source,
        clientIndex: clientIndexOf(exchange),
      },
    }
  },
}

const takersOfOpaqueTokens = ({ config }: OidcContext): boolean => FALLTHROUGH.bearer.some((name) => config.auth_methods.includes(name))
