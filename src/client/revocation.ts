import { tokenRevocation } from 'openid-client'
import { requireEndpoint, type Provider } from './connect.js'
import { attempting } from './translate-error.js'

/** Asks the provider to forget a token (RFC 7009). An unknown token is a success there too. */
export async function revoke(provider: Provider, token: string, hint?: string): Promise<void> {
  requireEndpoint(provider, 'revocation_endpoint', 'revocation')
  const { configuration, clientHint } = provider
  await attempting({ what: 'revocation', stage: 'revocation', clientHint }, () =>
    tokenRevocation(configuration, token, hint ? { token_type_hint: hint } : {}),
  )
}
