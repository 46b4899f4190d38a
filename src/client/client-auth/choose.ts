import type { ServerMetadata } from 'openid-client'
import { formEncode } from '../../http/authorization.js'
import type { ClientAuthMethod, Profile } from '../../profile/profile.js'

export interface ClientAuthChoice {
  readonly method: ClientAuthMethod
  /** `profile`, or what was decided from. */
  readonly because: string
}

/**
 * The method of the profile; else, of those its credentials allow, the first that the provider supports.
 * A provider that lists none supports `client_secret_basic` (RFC 8414 §2).
 */
export function chooseClientAuth(client: Profile['client'], server: Partial<ServerMetadata>): ClientAuthChoice {
  if (client.auth) return { method: client.auth, because: 'the profile says so' }
  const able: ClientAuthMethod[] = client.secret
    ? ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']
    : client.cert
      ? ['tls_client_auth', 'self_signed_tls_client_auth']
      : client.key
        ? ['private_key_jwt']
        : ['none']
  const offered = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const method = able.find((candidate) => offered.includes(candidate))
  return method
    ? { method, because: 'the provider supports it' }
    : { method: able[0] as ClientAuthMethod, because: `the provider lists only ${offered.join(', ')}` }
}

/** Why Basic may have failed: RFC 6749 wants id and secret form-encoded, and many providers compare without decoding. */
export function basicHint(method: ClientAuthMethod, id: string, secret: string | undefined): string | undefined {
  if (method === 'client_secret_basic' && [id, secret ?? ''].some((text) => formEncode(text) !== text || /[-._*]/.test(text))) {
    return 'id or secret has characters that Basic form-encodes; if the provider compares them raw, use auth: client_secret_basic_raw'
  }
  return method === 'client_secret_basic_raw' ? 'Basic was sent without form-encoding; try auth: client_secret_basic' : undefined
}
