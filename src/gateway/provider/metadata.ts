/**
 * What discovery tells about a provider; the members the gateway reads, wire names.
 * @see OpenID Connect Discovery 1.0 §3, RFC 8414 §2
 */
export interface ProviderMetadata {
  readonly issuer: string
  readonly authorization_endpoint?: string
  readonly token_endpoint?: string
  readonly introspection_endpoint?: string
  readonly userinfo_endpoint?: string
  readonly revocation_endpoint?: string
  readonly end_session_endpoint?: string
  readonly pushed_authorization_request_endpoint?: string
  readonly jwks_uri?: string
  readonly mtls_endpoint_aliases?: Readonly<Record<string, string>>
  readonly token_endpoint_auth_methods_supported?: readonly string[]
  readonly introspection_endpoint_auth_methods_supported?: readonly string[]
  readonly revocation_endpoint_auth_methods_supported?: readonly string[]
  readonly code_challenge_methods_supported?: readonly string[]
  readonly require_pushed_authorization_requests?: boolean
  readonly require_signed_request_object?: boolean
  readonly authorization_response_iss_parameter_supported?: boolean
}

const STRINGS = [
  'authorization_endpoint',
  'token_endpoint',
  'introspection_endpoint',
  'userinfo_endpoint',
  'revocation_endpoint',
  'end_session_endpoint',
  'pushed_authorization_request_endpoint',
  'jwks_uri',
] as const

const LISTS = [
  'token_endpoint_auth_methods_supported',
  'introspection_endpoint_auth_methods_supported',
  'revocation_endpoint_auth_methods_supported',
  'code_challenge_methods_supported',
] as const

const FLAGS = [
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'authorization_response_iss_parameter_supported',
] as const

/**
 * Reads a discovery document; members of the wrong type count as absent, and so do addresses that leave TLS behind: an `https` issuer
 * names `https` endpoints (OIDC Discovery §3, G-153). Undefined when it is no such document at all.
 * @param onDowngrade is told each member that was left out for that.
 */
export function readMetadata(document: unknown, onDowngrade?: (member: string) => void): ProviderMetadata | undefined {
  if (!isRecord(document) || typeof document['issuer'] !== 'string' || document['issuer'] === '') return undefined
  const { issuer } = document
  const read: Record<string, unknown> = { issuer }
  const isUrl = (value: unknown, member: string): value is string => {
    if (typeof value !== 'string' || !/^https?:/i.test(value) || !URL.canParse(value)) return false
    const isDowngrade = /^https:/i.test(issuer) && !/^https:/i.test(value)
    if (isDowngrade) onDowngrade?.(member)
    return !isDowngrade
  }
  for (const name of STRINGS) if (isUrl(document[name], name)) read[name] = document[name]
  for (const name of LISTS) if (isStrings(document[name])) read[name] = document[name]
  for (const name of FLAGS) if (typeof document[name] === 'boolean') read[name] = document[name]
  // the name that RFC 7662 drafts and some older providers use
  if (!read['introspection_endpoint'] && isUrl(document['token_introspection_endpoint'], 'token_introspection_endpoint')) {
    read['introspection_endpoint'] = document['token_introspection_endpoint']
  }
  const aliases = document['mtls_endpoint_aliases']
  if (isRecord(aliases))
    read['mtls_endpoint_aliases'] = Object.fromEntries(
      Object.entries(aliases).filter(([name, value]) => isUrl(value, `mtls_endpoint_aliases.${name}`)),
    )
  return read as unknown as ProviderMetadata
}

const SUFFIX = '/.well-known/openid-configuration'

/** Where the document lies: the full discovery URL as given, or the issuer with the well-known suffix. Undefined when it is no URL. */
export function discoveryUrl(issuer: string): URL | undefined {
  const trimmed = issuer.replace(/\/+$/, '')
  const text = /\/\.well-known\/[^/]+(?:\/.*)?$/.test(trimmed) ? trimmed : trimmed + SUFFIX
  return URL.canParse(text) ? new URL(text) : undefined
}

/** The issuer identifier that a configured `issuer` means: without the well-known suffix. */
export const issuerIdentifier = (issuer: string): string => issuer.replace(/\/\.well-known\/openid-configuration\/?$/, '')

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isStrings = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === 'string')
