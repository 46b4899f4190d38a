import { authorizationCodeGrant } from 'openid-client'
import { createAuthorizationRequest } from '../authorization-request.js'
import { createReceiver } from '../redirect-receiver.js'
import { attempting } from '../translate-error.js'
import { toTokenSet, withDpop, type Grant } from './grant.js'

/**
 * RFC 6749 §4.1 with PKCE (RFC 7636): somebody signs in at the provider, we get a code on loopback and exchange it. State, nonce, `iss`
 * (RFC 9207), the ID token's claims and its signature are checked; the browser learns how it ended only after that.
 */
export const authorizationCode: Grant = {
  needsPerson: true,
  async obtain(provider, request, host) {
    const receiver = await createReceiver(provider, host)
    try {
      const { url, redirectUri, checks } = await createAuthorizationRequest(provider, receiver.redirectUri, request)
      const redirect = await receiver.receive(url)
      try {
        const callback = new URL(redirectUri)
        callback.search = redirect.parameters.toString()
        const response = await attempting({ what: 'authorization_code', stage: 'authorization', clientHint: provider.clientHint }, () =>
          authorizationCodeGrant(provider.configuration, callback, checks, resourcesOf(request.profile.resource), withDpop(request)),
        )
        const tokens = toTokenSet(response, host)
        await redirect.answer('success')
        return tokens
      } catch (cause) {
        await redirect.answer('failure')
        throw cause
      }
    } finally {
      await receiver.close()
    }
  },
}

/** Resource indicators are named again at the token endpoint (RFC 8707 §2.2). */
const resourcesOf = (resource: string | readonly string[] | undefined): URLSearchParams =>
  new URLSearchParams([resource ?? []].flat().map((one): [string, string] => ['resource', one]))
