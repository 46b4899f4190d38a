import { clientIndexOf } from '../client-choice.js'
import { readRefreshToken } from '../credentials.js'
import { authenticateByGrant } from '../grants.js'
import type { AuthMethod } from '../types.js'

/** A refresh token, exchanged for fresh tokens as the configured client (RFC 6749 §6). */
export const refreshToken: AuthMethod = {
  name: 'refresh_token',
  async authenticate(exchange, context) {
    const found = await readRefreshToken(exchange.request, context.config)
    if (!found) return { kind: 'absent' }
    const client = context.provider.client(clientIndexOf(exchange))
    if (!client) return { kind: 'rejected', reason: 'grant_refused', detail: 'no client_id is configured', fallthrough: false }
    const fields = { refresh_token: found.value }
    const attempt = { grant: 'refresh_token', fields, client, source: found.source, fallthrough: false, cached: true } as const
    return authenticateByGrant(attempt, exchange, context)
  },
}
