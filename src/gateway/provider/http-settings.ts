import type { OpenIdConnectConfig } from '../../kong/openid-connect/config.js'
import type { ForwardProxy, ProviderRequest } from './transport.js'

/** The HTTP client fields of a configuration (section 1.2 of the reference). */
export type HttpSettings = Pick<
  OpenIdConnectConfig,
  'ssl_verify' | 'timeout' | 'http_proxy' | 'http_proxy_authorization' | 'https_proxy' | 'https_proxy_authorization' | 'no_proxy'
>

/** How one call to that URL has to travel: timeout, TLS verification, and the proxy named for the scheme *of the provider's URL*. */
export function travel(settings: HttpSettings, url: URL): Pick<ProviderRequest, 'timeoutMs' | 'tls' | 'proxy'> {
  const proxy = proxyFor(settings, url)
  return {
    timeoutMs: settings.timeout,
    ...(!settings.ssl_verify && { tls: { allowInvalidCertificate: true } }),
    ...(proxy && { proxy }),
  }
}

function proxyFor(settings: HttpSettings, url: URL): ForwardProxy | undefined {
  const https = url.protocol === 'https:'
  const proxy = https ? settings.https_proxy : settings.http_proxy
  if (!proxy || bypasses(settings.no_proxy, url.hostname)) return undefined
  const authorization = https ? settings.https_proxy_authorization : settings.http_proxy_authorization
  return { url: proxy, ...(authorization && { authorization }) }
}

/** `no_proxy`: exact hosts, or a domain and everything below it; `*` means all. */
function bypasses(noProxy: string | null, host: string): boolean {
  const name = host.toLowerCase()
  return (noProxy ?? '')
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, ''),
    )
    .some((entry) => entry !== '' && (entry === '*' || name === entry || name.endsWith(`.${entry}`)))
}
