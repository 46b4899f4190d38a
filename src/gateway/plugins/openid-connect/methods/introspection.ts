import { numericDate } from '../../../../jwt/checks/time.js'
import { accessTokenOf } from '../access-token-source.js'
import { clientIndexOf } from '../client-choice.js'
import { introspect } from '../introspection.js'
import { expiryOf } from '../tokens.js'
import type { AuthMethod, AuthOutcome } from '../types.js'
import { claimsIfGenuine } from '../verification/best-effort.js'

/** Any access token, judged by the provider (RFC 7662). Reached by JWTs when `bearer` is off or refused them (U29). */
export const introspection: AuthMethod = {
  name: 'introspection',
  async authenticate(exchange, context): Promise<AuthOutcome> {
    const reading = accessTokenOf(exchange, context)
    const found = reading instanceof Promise ? await reading : reading
    if (found.kind !== 'token') return found
    const asked = introspect(found.token, exchange, context)
    const answer = asked instanceof Promise ? await asked : asked
    if (answer.kind === 'failed') {
      return { kind: 'undetermined', reason: 'introspection_failed', detail: answer.detail, cause: answer.cause }
    }
    if (answer.kind === 'inactive') {
      const fallthrough = context.config.auth_methods.includes('userinfo')
      return { kind: 'rejected', reason: 'token_inactive', detail: 'the provider says the token is not active', fallthrough }
    }
    const proving = claimsIfGenuine(found.token, 'introspection', exchange, context)
    const claims = proving instanceof Promise ? await proving : proving
    const expires_at = numericDate(answer.claims['exp'], true) ?? expiryOf(found.token, undefined, exchange.now())
    return {
      kind: 'accepted',
      principal: {
        method: 'introspection',
        tokens: { access_token: found.token, ...(expires_at !== undefined && { expires_at }) },
        introspection: answer.claims,
        ...(answer.jwt !== undefined && { introspectionJwt: answer.jwt }),
        ...claims,
        source: found.source,
        clientIndex: clientIndexOf(exchange),
      },
    }
  },
}
