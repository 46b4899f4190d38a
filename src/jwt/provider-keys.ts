import { OidcgwError } from '../errors.js'
import type { HttpRequest, HttpResponse, RequestFunction } from '../host.js'
import { showValue } from './printable.js'
import type { JsonObject, JwkSet } from './types.js'
import { jsonObject } from './reading.js'

/** How to reach a provider for its keys. */
export interface FetchContext {
  readonly request: RequestFunction
  /** Plain http beyond loopback. Default false. */
  readonly allowHttp?: boolean
  /** Timeout, TLS and signal, handed on as they are. */
  readonly transport?: Pick<HttpRequest, 'timeoutMs' | 'tls' | 'signal'>
}

export interface ProviderKeys {
  readonly issuer: string
  readonly jwks_uri: string
  readonly jwks: JwkSet
}

/**
 * The keys of an issuer *the caller* names: OIDC discovery, then RFC 8414. The metadata must name exactly that issuer.
 * @throws {OidcgwError} `ERR_PROVIDER_METADATA`, `ERR_PROVIDER_KEYS`, `ERR_INSECURE_TRANSPORT`, and what the transport throws.
 * @see OIDC Discovery §4, RFC 8414 §3
 */
export async function discoverKeys(issuer: string, context: FetchContext): Promise<ProviderKeys> {
  const metadata = await fetchMetadata(issuer, context)
  if (metadata['issuer'] !== issuer) {
    throw new OidcgwError('ERR_PROVIDER_METADATA', `issuer: expected ${issuer}, its metadata says ${showValue(metadata['issuer'])}`, {
      hint: 'The issuer must be written exactly as the provider writes it, trailing slash included',
    })
  }
  const { jwks_uri } = metadata
  if (typeof jwks_uri !== 'string' || !URL.canParse(jwks_uri)) {
    throw new OidcgwError('ERR_PROVIDER_METADATA', `the metadata of ${issuer} names no jwks_uri`, {
      hint: 'Give the keys with --jwks FILE|URL',
    })
  }
  return { issuer, jwks_uri, jwks: await fetchJwks(jwks_uri, context) }
}

/**
 * A JWK Set from a URL the caller, or metadata the caller trusts, names.
 * @throws {OidcgwError} `ERR_PROVIDER_KEYS`, `ERR_INSECURE_TRANSPORT`, and what the transport throws.
 */
export async function fetchJwks(url: string, context: FetchContext): Promise<JwkSet> {
  const answer = await get(new URL(url), context)
  if (answer.status !== 200)
    throw new OidcgwError('ERR_PROVIDER_KEYS', `${url} answered ${answer.status}`, { hint: 'Check the address of the key set' })
  return parseJwks(answer.body.toString('utf8'), url)
}

/**
 * One bare JWK counts as a set of one.
 * @param code whose fault it is when the text is no JWK Set: the provider's, or that of who named the file.
 * @throws {OidcgwError} with that code.
 */
export function parseJwks(text: string, where: string, code: 'ERR_PROVIDER_KEYS' | 'ERR_NOT_A_KEY' = 'ERR_PROVIDER_KEYS'): JwkSet {
  const value = jsonObject(Buffer.from(text))
  if (value && Array.isArray(value['keys'])) return value as unknown as JwkSet
  if (value && typeof value['kty'] === 'string') return { keys: [value as JwkSet['keys'][number]] }
  throw new OidcgwError(code, `${where} holds no JWK Set`, { hint: 'Expected JSON: {"keys": [ … ]}' })
}

async function fetchMetadata(issuer: string, context: FetchContext): Promise<JsonObject> {
  if (!URL.canParse(issuer))
    throw new OidcgwError('ERR_USAGE', `issuer: "${issuer}" is no URL`, { hint: 'It looks like https://idp.example/oauth2/default' })
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const places = [`${origin}${path}/.well-known/openid-configuration`, `${origin}/.well-known/oauth-authorization-server${path}`]
  const seen: string[] = []
  for (const place of places) {
    const answer = await get(new URL(place), context)
    const metadata = answer.status === 200 ? jsonObject(answer.body) : undefined
    if (metadata) return metadata
    seen.push(`${place} answered ${answer.status}${answer.status === 200 ? ' without JSON' : ''}`)
    if (answer.status >= 500) break
  }
  throw new OidcgwError('ERR_PROVIDER_METADATA', `no metadata for ${issuer}: ${seen.join(', ')}`, {
    hint: 'Check the issuer, or give the keys with --jwks FILE|URL',
  })
}

async function get(url: URL, { request, allowHttp = false, transport }: FetchContext): Promise<HttpResponse> {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (allowHttp || isLoopback(url)))) {
    throw new OidcgwError('ERR_INSECURE_TRANSPORT', `${url.origin} is not https`, {
      hint: 'Keys fetched over plain http prove nothing; --allow-http takes them all the same',
    })
  }
  return request({ method: 'GET', url, headers: { accept: 'application/json' }, maxBodyBytes: 1024 * 1024, ...transport })
}

const isLoopback = ({ hostname }: URL): boolean => hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
