import { clientIndexOf } from '../client-choice.js'
import { readRefreshToken } from '../credentials.js'
import { refusedGrant, requestTokens, requestTokensCached, unreachable } from '../grants.js'
import { isPrincipal, principalOfTokens, readTokenResponse } from '../tokens.js'
import type { AuthMethod, AuthOutcome } from '../types.js'

/** A refresh token, exchanged for fresh tokens as the configured client (RFC 6749 §6). */
export const refreshToken: AuthMethod = {
  name: 'refresh_token',
  async authenticate(exchange, context): Promise<AuthOutcome> {
    const found = await readRefreshToken(exchange.request, context.config)
    if (!found) return { kind: 'absent' }
    const client = context.provider.client(clientIndexOf(exchange))
    if (!client) return { kind: 'rejected', reason: 'grant_refused', detail: 'no client_id is configured', fallthrough: false }
    const request = context.config.cache_tokens ? requestTokensCached : requestTokens
    try {
      const answer = await request('refresh_token', { refresh_token: found.value }, client, exchange, context)
      if (answer.kind === 'refused') return refusedGrant(answer, false)
      // without rotation the token just used stays the one to use
      const tokens = { refresh_token: found.value, ...readTokenResponse(answer.response, exchange.now()) }
      const principal = await principalOfTokens('refresh_token', tokens, { source: found.source }, exchange, context)
      return isPrincipal(principal) ? { kind: 'accepted', principal } : principal
    } catch (cause) {
      return unreachable(cause, context)
    }
  },
}
