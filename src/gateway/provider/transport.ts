import type { HttpRequest, HttpResponse } from '../../host.js'
import type { TraceSink } from '../../trace/trace.js'

/** What a call to the provider is for, as the trace and the counters name it. */
export type ProviderPurpose =
  'discovery' | 'jwks' | 'token' | 'introspection' | 'userinfo' | 'revocation' | 'pushed_authorization_request' | 'token_exchange'

/** A forward proxy (`http_proxy`, `https_proxy`) with the `Proxy-Authorization` it wants. */
export interface ForwardProxy {
  readonly url: string
  readonly authorization?: string
}

export interface ProviderRequest extends HttpRequest {
  readonly proxy?: ForwardProxy
}

/** How the gateway reaches the provider: undici pools, each call traced with its timing. */
export interface ProviderTransport {
  /** @throws {OidcgwError} `ERR_NETWORK`, `ERR_NETWORK_TIMEOUT`, `ERR_TLS`, `ERR_PROVIDER_RESPONSE` (too large); any HTTP status is a value. */
  send(purpose: ProviderPurpose, request: ProviderRequest, trace?: TraceSink): Promise<HttpResponse>
  close(): Promise<void>
}
