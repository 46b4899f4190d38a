import { clientIndexOf } from '../client-choice.js'
import { readPair } from '../credentials.js'
import { refusedGrant, requestTokens, requestTokensCached, unreachable } from '../grants.js'
import { isPrincipal, principalOfTokens, readTokenResponse } from '../tokens.js'
import type { AuthMethod, AuthOutcome } from '../types.js'

/** A user's name and password, exchanged for tokens as the configured client (RFC 6749 §4.3). */
export const password: AuthMethod = {
  name: 'password',
  async authenticate(exchange, context): Promise<AuthOutcome> {
    const { config } = context
    const found = await readPair(exchange.request, config.password_param_type, ['username', 'password'])
    if (!found) return { kind: 'absent' }
    // Basic may also be a client's: the next method has its turn
    const fallthrough = found.basic !== undefined && config.auth_methods.includes('client_credentials')
    const client = context.provider.client(clientIndexOf(exchange))
    if (!client) return { kind: 'rejected', reason: 'grant_refused', detail: 'no client_id is configured', fallthrough }
    const request = config.cache_tokens ? requestTokensCached : requestTokens
    try {
      const answer = await request('password', { username: found.name, password: found.secret }, client, exchange, context)
      if (answer.kind === 'refused') return refusedGrant(answer, fallthrough)
      const tokens = readTokenResponse(answer.response, exchange.now())
      const principal = await principalOfTokens('password', tokens, { source: found.source }, exchange, context)
      return isPrincipal(principal) ? { kind: 'accepted', principal } : principal
    } catch (cause) {
      return unreachable(cause, context)
    }
  },
}
