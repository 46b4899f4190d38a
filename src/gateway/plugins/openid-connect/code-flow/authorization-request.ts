import { createHash } from 'node:crypto'
import type { ProviderClient } from '../../../provider/client.js'
import type { ProviderMetadata } from '../../../provider/metadata.js'
import { pairs } from '../../../provider/pairs.js'
import type { Exchange } from '../../plugin.js'
import { clientArgument } from '../request-arguments.js'
import type { OidcContext, PendingLogin } from '../types.js'
import { pkceMethod } from './unconfirmed.js'

/** Whether this login uses PKCE: forced on or off, else exactly when discovery lists methods (section 4.3). */
export const usesPkce = ({ config }: OidcContext, { code_challenge_methods_supported: offered }: ProviderMetadata): boolean =>
  config.require_proof_key_for_code_exchange ?? offered !== undefined

/** The parameters of an authorization request (section 2.5): ours first, then what the configuration and the caller add beside them. */
export async function authorizationParameters(
  login: PendingLogin,
  client: ProviderClient,
  metadata: ProviderMetadata,
  exchange: Exchange,
  { config }: OidcContext,
): Promise<URLSearchParams> {
  const parameters = new URLSearchParams({
    response_type: config.response_type.join(' '),
    client_id: client.client_id,
    redirect_uri: login.redirect_uri,
    scope: config.scopes.join(' '),
    state: login.state,
    nonce: login.nonce,
  })
  if (config.response_mode !== 'query') parameters.set('response_mode', config.response_mode)
  if (config.audience?.length) parameters.set('audience', config.audience.join(' '))
  if (config.max_age !== null) parameters.set('max_age', String(config.max_age))
  if (login.code_verifier !== undefined) {
    const method = pkceMethod(metadata.code_challenge_methods_supported)
    parameters.set('code_challenge', method === 'S256' ? challengeOf(login.code_verifier) : login.code_verifier)
    parameters.set('code_challenge_method', method)
  }
  const own = new Set(parameters.keys())
  for (const [name, value] of pairs(config.authorization_query_args_names, config.authorization_query_args_values)) {
    if (!own.has(name)) parameters.append(name, value)
  }
  for (const name of config.authorization_query_args_client ?? []) {
    const value = own.has(name) ? undefined : await clientArgument(exchange.request, name)
    if (value !== undefined) parameters.set(name, value)
  }
  return parameters
}

/** RFC 7636 §4.2. */
const challengeOf = (verifier: string): string => createHash('sha256').update(verifier, 'ascii').digest('base64url')
