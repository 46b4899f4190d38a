import { formatBasic } from '../../http/authorization.js'
import { clientSecret, type ClientAuthFactory } from './client-auth.js'

/** HTTP Basic as curl sends it, nothing encoded: for providers that compare without decoding (against RFC 6749 §2.3.1). */
export const clientSecretBasicRaw: ClientAuthFactory = async (context) => {
  const password = await clientSecret(context)
  return (_server, { client_id }, _body, headers) => headers.set('authorization', formatBasic({ username: client_id, password }))
}
