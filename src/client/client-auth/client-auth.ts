import type { ClientAuth, PrivateKey } from 'openid-client'
import { OidcgwError } from '../../errors.js'
import type { Profile } from '../../profile/profile.js'
import { importPrivateKey } from './private-key.js'
import type { Secrets } from '../secrets.js'

/** What a method makes its credential from. */
export interface ClientAuthContext {
  readonly client: Profile['client']
  readonly secrets: Secrets
}

/** One `token_endpoint_auth_method`: reads what it needs, returns what authenticates each request. */
export type ClientAuthFactory = (context: ClientAuthContext) => Promise<ClientAuth>

/** @throws {OidcgwError} `ERR_SECRET_UNAVAILABLE` when the profile has none. */
export async function clientSecret({ client, secrets }: ClientAuthContext): Promise<string> {
  if (!client.secret) {
    throw new OidcgwError('ERR_SECRET_UNAVAILABLE', `client ${client.id} has no secret`, {
      hint: 'Write client: { secret: env:NAME } in the profile, or use --client-secret-file',
    })
  }
  return secrets(client.secret, `secret of client ${client.id}`)
}

/** @throws {OidcgwError} `ERR_SECRET_UNAVAILABLE` when the profile has none, `ERR_NOT_A_KEY` when it is none. */
export async function clientKey({ client, secrets }: ClientAuthContext): Promise<PrivateKey & { readonly alg: string }> {
  if (!client.key) {
    throw new OidcgwError('ERR_SECRET_UNAVAILABLE', `client ${client.id} has no private key`, {
      hint: 'Write client: { key: file:PATH } in the profile',
    })
  }
  const what = `private key of client ${client.id}`
  return importPrivateKey(await secrets(client.key, what), what)
}
