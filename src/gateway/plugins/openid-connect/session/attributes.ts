import { createHash } from 'node:crypto'
import type { OpenIdConnectConfig } from '../../../../kong/openid-connect/config.js'
import type { Exchange } from '../../plugin.js'
import type { CookieAttributes } from './cookie.js'

/** Of the session and the remember cookie; `Secure` follows the scheme unless it is set. */
export const sessionAttributes = (config: OpenIdConnectConfig, { request }: Exchange): CookieAttributes => ({
  domain: config.session_cookie_domain,
  path: config.session_cookie_path,
  sameSite: config.session_cookie_same_site,
  secure: config.session_cookie_secure ?? request.scheme === 'https',
  httpOnly: config.session_cookie_http_only,
})

/**
 * Of the cookie of a login on its way. A callback by POST comes from the provider's site: over https the cookie is then `SameSite=None; Secure`
 * where Kong's default is asked for. Over http browsers would drop that, so Kong's literal `Default` stays, which lets the POST pass for the
 * first two minutes.
 */
export function authorizationAttributes(config: OpenIdConnectConfig, { request }: Exchange): CookieAttributes {
  const isPosted = config.response_mode.startsWith('form_post')
  const sameSite = config.authorization_cookie_same_site
  return {
    domain: config.authorization_cookie_domain,
    path: config.authorization_cookie_path,
    sameSite: isPosted && sameSite === 'Default' && request.scheme === 'https' ? 'None' : sameSite,
    secure: config.authorization_cookie_secure ?? request.scheme === 'https',
    httpOnly: config.authorization_cookie_http_only,
  }
}

/** `session_bind`: digests of what the request came with; any change makes the cookie foreign. */
export function requestBinding({ session_bind: bind }: OpenIdConnectConfig, { request }: Exchange): readonly string[] {
  const facts = { ip: request.remoteAddress, scheme: request.scheme, 'user-agent': request.headers['user-agent'] ?? '' }
  return (bind ?? []).map((name) => `${name}:${createHash('sha256').update(facts[name]).digest('base64url')}`)
}
