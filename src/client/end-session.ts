import { buildEndSessionUrl } from 'openid-client'
import { requireEndpoint, type Provider } from './connect.js'

export interface EndSession {
  readonly idToken?: string
  /** Where the provider may send the browser afterwards; it has to be registered. */
  readonly postLogoutRedirectUri?: string
}

/** Where a browser goes to end its session at the provider (OpenID Connect RP-Initiated Logout §2). */
export function endSessionUrl(provider: Provider, { idToken, postLogoutRedirectUri }: EndSession): URL {
  requireEndpoint(provider, 'end_session_endpoint', 'logout')
  return buildEndSessionUrl(provider.configuration, {
    ...(idToken !== undefined && { id_token_hint: idToken }),
    ...(postLogoutRedirectUri !== undefined && { post_logout_redirect_uri: postLogoutRedirectUri }),
  })
}
