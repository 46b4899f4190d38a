import type { ClientAuthMethod, OpenIdConnectConfig } from '../../kong/openid-connect/config.js'
import type { ProviderMetadata } from './metadata.js'

export type EndpointName =
  | 'authorization_endpoint'
  | 'token_endpoint'
  | 'introspection_endpoint'
  | 'userinfo_endpoint'
  | 'revocation_endpoint'
  | 'end_session_endpoint'
  | 'pushed_authorization_request_endpoint'

const MTLS_FIELDS = {
  token_endpoint: 'mtls_token_endpoint',
  introspection_endpoint: 'mtls_introspection_endpoint',
  revocation_endpoint: 'mtls_revocation_endpoint',
} as const satisfies Partial<Record<EndpointName, keyof OpenIdConnectConfig>>

/** Where an endpoint is: the field, else what discovery says. */
export function endpointUrl(config: OpenIdConnectConfig, metadata: ProviderMetadata | undefined, name: EndpointName): URL | undefined {
  const text = config[name] ?? metadata?.[name]
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined
}

/** The same for a client that authenticates with its certificate: `mtls_*` field, alias, then the ordinary place (RFC 8705 §5). */
export function mtlsEndpointUrl(config: OpenIdConnectConfig, metadata: ProviderMetadata | undefined, name: EndpointName): URL | undefined {
  const field = name in MTLS_FIELDS ? config[MTLS_FIELDS[name as keyof typeof MTLS_FIELDS]] : null
  const text = field ?? metadata?.mtls_endpoint_aliases?.[name]
  return text !== undefined && URL.canParse(text) ? new URL(text) : endpointUrl(config, metadata, name)
}

/** The endpoint's own `*_auth_method`, and what the provider announces for it. */
export function endpointAuth(
  config: OpenIdConnectConfig,
  metadata: ProviderMetadata | undefined,
  name: EndpointName,
): { readonly method: ClientAuthMethod | null; readonly announced: readonly string[] | undefined } {
  const tokenMethods = metadata?.token_endpoint_auth_methods_supported
  switch (name) {
    case 'introspection_endpoint':
      return {
        method: config.introspection_endpoint_auth_method,
        announced: metadata?.introspection_endpoint_auth_methods_supported ?? tokenMethods,
      }
    case 'revocation_endpoint':
      return {
        method: config.revocation_endpoint_auth_method,
        announced: metadata?.revocation_endpoint_auth_methods_supported ?? tokenMethods,
      }
    case 'pushed_authorization_request_endpoint':
      return { method: config.pushed_authorization_request_endpoint_auth_method, announced: tokenMethods }
    default:
      return { method: config.token_endpoint_auth_method, announced: tokenMethods }
  }
}

export const isTlsMethod = (method: ClientAuthMethod): boolean => method === 'tls_client_auth' || method === 'self_signed_tls_client_auth'
