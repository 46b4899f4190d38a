import { authorizationCodeGrant, useCodeIdTokenResponseType } from 'openid-client'
import { OidcgwError } from '../../errors.js'
import { createAuthorizationRequest } from '../authorization-request.js'
import type { Provider } from '../connect.js'
import { assertLegacyAllowed } from '../legacy-flow.js'
import { createReceiver } from '../redirect-receiver.js'
import { attempting } from '../translate-error.js'
import { toTokenSet, withDpop, type Grant } from './grant.js'

/**
 * RFC 6749 §4.1 with PKCE (RFC 7636): somebody signs in at the provider, we get a code on loopback and exchange it. State, nonce, `iss`
 * (RFC 9207), the ID token's claims and its signature are checked; the browser learns how it ended only after that.
 * `response_type: code id_token` is the hybrid flow, whose `c_hash` is checked too.
 */
export const authorizationCode: Grant = {
  needsPerson: true,
  async obtain(provider, request, host) {
    const { configuration, clientHint } = provider
    const hybrid = isHybrid(provider)
    const receiver = await createReceiver(provider, host, hybrid ? HYBRID.response_mode : undefined)
    try {
      const { url, redirectUri, checks } = await createAuthorizationRequest(provider, receiver.redirectUri, request, hybrid ? HYBRID : {})
      const redirect = await receiver.receive(url)
      try {
        const callback = new URL(redirectUri)
        callback[hybrid ? 'hash' : 'search'] = redirect.parameters.toString()
        const response = await attempting({ what: 'authorization_code', stage: 'authorization', clientHint }, () =>
          authorizationCodeGrant(configuration, callback, checks, resourcesOf(request.profile.resource), withDpop(request)),
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

const HYBRID = { response_type: 'code id_token', response_mode: 'form_post' }

function isHybrid({ profile, configuration, options }: Provider): boolean {
  const { response_type = 'code', name } = profile
  if (response_type === 'code') return false
  if (response_type.split(' ').toSorted().join(' ') !== HYBRID.response_type) {
    throw new OidcgwError('ERR_UNSUPPORTED', `profile ${name}: response_type "${response_type}" is not possible with authorization_code`, {
      hint: 'Use code or "code id_token"; for tokens without a code use grant: implicit',
    })
  }
  assertLegacyAllowed('the hybrid flow', options)
  useCodeIdTokenResponseType(configuration)
  return true
}

/** Resource indicators are named again at the token endpoint (RFC 8707 §2.2). */
const resourcesOf = (resource: string | readonly string[] | undefined): URLSearchParams =>
  new URLSearchParams([resource ?? []].flat().map((one): [string, string] => ['resource', one]))
