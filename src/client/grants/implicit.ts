import { timingSafeEqual } from 'node:crypto'
import { implicitAuthentication, useIdTokenResponseType } from 'openid-client'
import { OidcgwError } from '../../errors.js'
import { createAuthorizationRequest } from '../authorization-request.js'
import { requireAtHash } from '../id-token.js'
import { assertLegacyAllowed } from '../legacy-flow.js'
import { createReceiver } from '../redirect-receiver.js'
import { attempting } from '../translate-error.js'
import type { TokenSet } from '../types.js'
import { toTokenSet, type Grant } from './grant.js'

/** OIDC Core §3.2: tokens straight from the authorization endpoint, posted to the listener. Only with `--allow-legacy`. */
export const implicit: Grant = {
  needsPerson: true,
  async obtain(provider, request, host) {
    assertLegacyAllowed('the implicit flow', provider.options)
    const { configuration, profile, metadata } = provider
    const response_type = profile.response_type ?? (profile.scope?.split(/\s+/).includes('openid') ? 'id_token token' : 'token')
    if (response_type.includes('id_token')) useIdTokenResponseType(configuration)
    const receiver = await createReceiver(provider, host, 'form_post')
    try {
      const more = { response_type, response_mode: 'form_post' }
      const { url, redirectUri, checks } = await createAuthorizationRequest(provider, receiver.redirectUri, request, more)
      const redirect = await receiver.receive(url)
      try {
        const { parameters } = redirect
        assertState(parameters.get('state'), checks.expectedState as string)
        assertIssuer(parameters.get('iss'), metadata.issuer)
        const error = parameters.get('error')
        if (error) throw new OidcgwError('ERR_LOGIN_DENIED', `implicit: the provider said ${error}`, { error })
        if (response_type.includes('id_token')) await verifyIdToken(parameters, redirectUri, checks, configuration)
        const tokens = tokensIn(parameters, host)
        if (tokens.id_token) requireAtHash(tokens)
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

type Checks = Awaited<ReturnType<typeof createAuthorizationRequest>>['checks']

/** Signature, claims and nonce by the library, which wants to see nothing but the ID token. */
async function verifyIdToken(
  parameters: URLSearchParams,
  redirectUri: URL,
  { expectedNonce, expectedState, maxAge }: Checks,
  configuration: Parameters<typeof implicitAuthentication>[0],
): Promise<void> {
  const only = new URLSearchParams()
  for (const name of ['id_token', 'state', 'iss']) if (parameters.has(name)) only.set(name, parameters.get(name) ?? '')
  const callback = new URL(redirectUri)
  callback.hash = only.toString()
  const checks = { expectedState: expectedState as string, ...(maxAge !== undefined && { maxAge }) }
  await attempting({ what: 'implicit', stage: 'authorization' }, () =>
    implicitAuthentication(configuration, callback, expectedNonce as string, checks),
  )
}

function tokensIn(parameters: URLSearchParams, host: Parameters<typeof toTokenSet>[1]): TokenSet {
  const access_token = parameters.get('access_token')
  if (!access_token) throw refused('it has no access_token')
  const expires_in = Number(parameters.get('expires_in') ?? NaN)
  const [id_token, scope] = [parameters.get('id_token'), parameters.get('scope')]
  return toTokenSet(
    {
      access_token,
      token_type: (parameters.get('token_type') ?? 'bearer').toLowerCase() as Lowercase<string>,
      ...(Number.isFinite(expires_in) && { expires_in }),
      ...(id_token !== null && { id_token }),
      ...(scope !== null && { scope }),
    },
    host,
  )
}

function assertState(actual: string | null, expected: string): void {
  const [a, b] = [Buffer.from(actual ?? ''), Buffer.from(expected)]
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw refused('its state is not ours')
}

/** RFC 9207: an `iss` that is there must be the provider's. */
function assertIssuer(actual: string | null, expected: string): void {
  if (actual !== null && actual !== expected) throw refused(`iss: expected ${expected}, got ${actual}`)
}

const refused = (reason: string): OidcgwError => new OidcgwError('ERR_LOGIN_RESPONSE', `implicit: the response is refused: ${reason}`)
