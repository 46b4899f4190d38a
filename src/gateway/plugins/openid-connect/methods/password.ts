import { clientIndexOf } from '../client-choice.js'
import { readPair } from '../credentials.js'
import { authenticateByGrant } from '../grants.js'
import type { AuthMethod } from '../types.js'

/** A user's name and password, exchanged for tokens as the configured client (RFC 6749 §4.3). */
export const password: AuthMethod = {
  name: 'password',
  async authenticate(exchange, context) {
    const { config } = context
    const found = await readPair(exchange.request, config.password_param_type, ['username', 'password'])
    if (!found) return { kind: 'absent' }
    // Basic may also be a client's: the next method has its turn
    const fallthrough = found.basic !== undefined && config.auth_methods.includes('client_credentials')
    const client = context.provider.client(clientIndexOf(exchange))
    if (!client) return { kind: 'rejected', reason: 'grant_refused', detail: 'no client_id is configured', fallthrough }
    const fields = { username: found.name, password: found.secret }
    return authenticateByGrant({ grant: 'password', fields, client, source: found.source, fallthrough, cached: true }, exchange, context)
  },
}
