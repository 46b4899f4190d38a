import { tokenIntrospection, type IntrospectionResponse } from 'openid-client'
import { requireEndpoint, type Provider } from './connect.js'
import { attempting } from './translate-error.js'

/**
 * Asks the provider about a token (RFC 7662). `active: false` is an answer, not an error.
 * @throws {OidcgwError} `ERR_UNSUPPORTED` without an endpoint, `ERR_CLIENT_REFUSED` when the client may not ask, `ERR_PROVIDER_RESPONSE`.
 */
export async function introspect(provider: Provider, token: string, hint?: string): Promise<IntrospectionResponse> {
  requireEndpoint(provider, 'introspection_endpoint', 'introspection')
  const { configuration, clientHint } = provider
  return attempting({ what: 'introspection', stage: 'introspection', clientHint }, () =>
    tokenIntrospection(configuration, token, hint ? { token_type_hint: hint } : {}),
  )
}
