import type { Exchange } from '../../plugin.js'
import type { ProviderClient } from '../../../provider/client.js'
import { clientIndexOf } from '../client-choice.js'
import { readBasicPart, readPair, type PairCredential } from '../credentials.js'
import { authenticateByGrant } from '../grants.js'
import { findArgument } from '../request-arguments.js'
import type { AuthMethod, AuthOutcome, OidcContext } from '../types.js'
import { FOREIGN_CLIENTS_ACCEPTED } from '../unconfirmed.js'

/** A client's id and secret, forwarded to the token endpoint: the caller authenticates as itself, not as the gateway (RFC 6749 §4.4). */
export const clientCredentials: AuthMethod = {
  name: 'client_credentials',
  async authenticate(exchange, context) {
    const { config } = context
    const found = await readPair(exchange.request, config.client_credentials_param_type, ['client_id', 'client_secret'])
    if (!found) return authenticateByAssertion(exchange, context)
    const client = callerAsClient(found, context)
    if (!FOREIGN_CLIENTS_ACCEPTED && !config.client_id?.includes(client.client_id)) {
      return { kind: 'rejected', reason: 'grant_refused', detail: 'the client is not the one of this plugin', fallthrough: false }
    }
    // Basic that the password grant saw first is not cached: real gateways ask every time then
    const cached = !(found.basic !== undefined && config.auth_methods.includes('password'))
    const attempt = { grant: 'client_credentials', fields: {}, client, source: found.source, fallthrough: false, cached } as const
    return authenticateByGrant(attempt, exchange, context)
  },
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** A signed assertion in place of id and secret, exchanged as the configured client (RFC 7523 §2.1). */
async function authenticateByAssertion(exchange: Exchange, context: OidcContext): Promise<AuthOutcome> {
  const places = context.config.client_credentials_param_type.filter((place) => place !== 'header')
  const grantType = await findArgument(exchange.request, 'grant_type', places)
  const assertion = grantType?.value === JWT_BEARER ? await findArgument(exchange.request, 'assertion', places) : undefined
  if (!assertion || assertion.source.in === 'header') return { kind: 'absent' }
  const client = context.provider.client(clientIndexOf(exchange))
  if (!client) return { kind: 'rejected', reason: 'grant_refused', detail: 'no client_id is configured', fallthrough: false }
  const source = { in: assertion.source.in, names: ['grant_type', 'assertion'] }
  const fields = { grant_type: JWT_BEARER, assertion: assertion.value }
  return authenticateByGrant({ grant: 'client_credentials', fields, client, source, fallthrough: false, cached: true }, exchange, context)
}

/** `client_auth` and `token_endpoint_auth_method` decide how the caller's secret travels; ways without a secret are ignored. */
function callerAsClient(found: PairCredential, { config }: OidcContext): ProviderClient {
  const auth = config.client_auth?.[0]
  const caller = { isCaller: true, ...(auth && { auth }) }
  if (found.basic === undefined) return { ...caller, client_id: found.name, client_secret: found.secret }
  return { ...caller, client_id: readBasicPart(found.name), client_secret: readBasicPart(found.secret), basic: found.basic }
}
