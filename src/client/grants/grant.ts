import type { DPoPHandle, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'
import type { Profile } from '../../profile/profile.js'
import type { ClientHost } from '../client-options.js'
import type { Provider } from '../connect.js'
import type { TokenOf } from '../obtain-options.js'
import type { TokenSet } from '../types.js'

/** What one grant works from, beside the profile the provider was connected with. */
export interface GrantRequest {
  readonly profile: Profile
  /** For the `refresh_token` grant. */
  readonly refreshToken?: string
  /** Present when tokens are to be bound to a key (RFC 9449). */
  readonly dpop?: DPoPHandle
  /** The access token of another profile, for `profile:NAME` references. */
  readonly tokenOf: TokenOf
}

/** One `grant_type`. */
export interface Grant {
  /** Whether somebody has to be there, unless the profile drives the login itself. */
  readonly needsPerson: boolean
  /** @throws {OidcgwError} `ERR_GRANT_REFUSED`, `ERR_CLIENT_REFUSED`, `ERR_LOGIN_…`, `ERR_NEEDS_PERSON`, `ERR_NETWORK…` */
  obtain(provider: Provider, request: GrantRequest, host: ClientHost): Promise<TokenSet>
}

/** The parameters every token request may carry. Empty ones are left out: `scope=` is an empty scope to some providers. */
export function tokenParameters({ scope, audience, resource, params, authorization_details }: Profile): URLSearchParams {
  const parameters = new URLSearchParams(params)
  if (scope) parameters.set('scope', scope)
  if (audience) parameters.set('audience', audience)
  if (authorization_details) parameters.set('authorization_details', authorization_details)
  for (const one of [resource ?? []].flat()) parameters.append('resource', one)
  return parameters
}

/** A response as a plain value with the time it came. */
export function toTokenSet(
  response: TokenEndpointResponse & Partial<TokenEndpointResponseHelpers>,
  { now }: Pick<ClientHost, 'now'>,
): TokenSet {
  return { ...(JSON.parse(JSON.stringify(response)) as TokenEndpointResponse), obtained_at: Math.floor(now().getTime() / 1000) } as TokenSet
}

/** Options for a library call: the proof key when there is one. */
export const withDpop = ({ dpop }: GrantRequest): { DPoP?: DPoPHandle } => (dpop ? { DPoP: dpop } : {})
