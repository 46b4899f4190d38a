import { normalisePath } from '../../../../http/path.js'
import type { OpenIdConnectConfig } from '../../../../kong/openid-connect/config.js'
import { byPosition } from '../../../provider/pairs.js'
import type { GatewayRequest } from '../../../request.js'

const DEFAULT_PORTS = { http: 80, https: 443 }

/** Where the provider sends the browser back to: the configured URI of that client, else the URL of this request without its query. */
export function redirectUriFor(config: OpenIdConnectConfig, request: GatewayRequest, clientIndex: number): string {
  const configured = byPosition(config.redirect_uri, clientIndex)
  if (configured !== undefined) return configured
  const { scheme, host, port, path } = request
  return `${scheme}://${host}${port === DEFAULT_PORTS[scheme] ? '' : `:${port}`}${path}`
}

/** Whether a request came to the path of a redirect URI; a proxy in front may have changed host and port. */
export function isAtRedirectUri({ path }: GatewayRequest, redirectUri: string): boolean {
  return URL.canParse(redirectUri) && normalisePath(new URL(redirectUri).pathname) === path
}
