import type { ClientAuthMethod } from '../../kong/openid-connect/config.js'
import { formatBasic, formEncode } from '../../http/authorization.js'
import type { ProviderClient } from './client.js'
import { clientAssertion, type AssertionContext } from './client-assertion.js'
import { isSymmetric } from './client-key.js'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * How to authenticate at one endpoint: its own `*_auth_method`, else `client_auth`, else the first announced method the client has the
 * means for, else Basic (section 4.1 of the reference).
 */
export function chooseClientAuth(
  client: ProviderClient,
  endpointMethod: ClientAuthMethod | null,
  announced: readonly string[] | undefined,
): ClientAuthMethod {
  const configured = [endpointMethod, client.auth].find((method) => method && (!client.isCaller || hasMeans(client, method)))
  return configured ?? announced?.find((name): name is ClientAuthMethod => hasMeans(client, name)) ?? 'client_secret_basic'
}

function hasMeans(client: ProviderClient, method: string): boolean {
  switch (method) {
    case 'client_secret_basic':
    case 'client_secret_post':
      return client.client_secret !== undefined
    case 'client_secret_jwt':
      return client.client_secret !== undefined || isSymmetric(client.jwk)
    case 'private_key_jwt':
      return client.jwk !== undefined && !isSymmetric(client.jwk)
    case 'none':
      return client.client_secret === undefined && client.jwk === undefined
    default:
      return false
  }
}

/** Puts the client's proof into a form or its header. The TLS methods only name the client: the certificate is the proof (RFC 8705 §2). */
export function authenticateClient(
  method: ClientAuthMethod,
  client: ProviderClient,
  form: URLSearchParams,
  headers: Record<string, string>,
  context: AssertionContext,
): void {
  switch (method) {
    case 'client_secret_basic':
      headers['authorization'] =
        client.basic ?? formatBasic({ username: formEncode(client.client_id), password: formEncode(client.client_secret ?? '') })
      return
    case 'client_secret_post':
      form.set('client_id', client.client_id)
      form.set('client_secret', client.client_secret ?? '')
      return
    case 'client_secret_jwt':
    case 'private_key_jwt':
      form.set('client_id', client.client_id)
      form.set('client_assertion_type', ASSERTION_TYPE)
      form.set('client_assertion', clientAssertion(method, client, context))
      return
    default:
      form.set('client_id', client.client_id)
  }
}
