import * as oauth from 'openid-client'
import { importPrivateKey } from './client-auth/private-key.js'
import { requireEndpoint, type Provider } from './connect.js'
import type { GrantRequest } from './grants/grant.js'
import { OidcgwError } from '../errors.js'
import { attempting } from './translate-error.js'

/** A request to sign somebody in, and what its answer must match. */
export interface AuthorizationRequest {
  readonly url: URL
  readonly redirectUri: URL
  readonly checks: oauth.AuthorizationCodeGrantChecks
}

/**
 * A new authorization request: PKCE S256, state, and with `openid` a nonce, all random and all checked later; pushed (RFC 9126) or signed
 * (RFC 9101) when the profile says so or the provider insists.
 *
 * @param more `response_type`, `response_mode`.
 */
export async function createAuthorizationRequest(
  provider: Provider,
  redirectUri: URL,
  { dpop }: Pick<GrantRequest, 'dpop'>,
  more: Readonly<Record<string, string>> = {},
): Promise<AuthorizationRequest> {
  const { configuration, profile, metadata, clientHint } = provider
  requireEndpoint(provider, 'authorization_endpoint', 'sign-in of persons')
  const openid = (profile.scope ?? '').split(/\s+/).includes('openid')
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier()
  const expectedState = oauth.randomState()
  const expectedNonce = openid ? oauth.randomNonce() : undefined
  const parameters = askedFor(provider)
  const ours = {
    redirect_uri: redirectUri.href,
    state: expectedState,
    code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...(expectedNonce && { nonce: expectedNonce }),
    ...(dpop && { dpop_jkt: await dpop.calculateThumbprint() }),
    ...(profile.jarm && { response_mode: 'jwt' }),
    ...more,
  }
  for (const [name, value] of Object.entries(ours)) parameters.set(name, value)
  if (profile.jarm) oauth.useJwtResponseMode(configuration)
  const attempt = { what: 'authorization request', stage: 'token', clientHint } as const
  const url = await attempting(attempt, async () => {
    const signed = profile.jar ? await oauth.buildAuthorizationUrlWithJAR(configuration, parameters, await signingKey(provider)) : undefined
    const pushed = profile.par || metadata['require_pushed_authorization_requests'] === true
    if (!pushed) return signed ?? oauth.buildAuthorizationUrl(configuration, parameters)
    requireEndpoint(provider, 'pushed_authorization_request_endpoint', 'pushed authorization requests')
    return oauth.buildAuthorizationUrlWithPAR(configuration, signed?.searchParams ?? parameters, dpop && { DPoP: dpop })
  })
  const checks = {
    pkceCodeVerifier,
    expectedState,
    ...(expectedNonce && { expectedNonce }),
    ...(profile.max_age !== undefined && { maxAge: profile.max_age }),
    idTokenExpected: openid,
  }
  return { url, redirectUri, checks }
}

/** What the profile asks for. Its own parameters come first, so that none of them replaces a protection. */
function askedFor({ profile }: Provider): URLSearchParams {
  const { params, scope, audience, resource, claims, acr_values, max_age, prompt, login_hint, authorization_details } = profile
  const parameters = new URLSearchParams(params)
  const single = { scope, audience, claims, acr_values, max_age: max_age?.toString(), prompt, login_hint, authorization_details }
  for (const [name, value] of Object.entries(single)) if (value) parameters.set(name, value)
  for (const one of [resource ?? []].flat()) parameters.append('resource', one)
  return parameters
}

async function signingKey({ profile, secrets }: Provider) {
  const { key, id } = profile.client
  if (!key)
    throw new OidcgwError('ERR_USAGE', `client ${id}: a signed request (jar) needs a private key`, {
      hint: 'Write client: { key: file:PATH }',
    })
  return importPrivateKey(await secrets(key, `private key of client ${id}`), `private key of client ${id}`)
}
