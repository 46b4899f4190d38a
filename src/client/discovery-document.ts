import { OidcgwError } from '../errors.js'
import type { HttpResponse } from '../host.js'
import type { KeySetDelivery } from '../jwt/key-lint/rule.js'
import type { ClientHost, ClientOptions } from './client-options.js'
import { assertSecure } from './transport.js'

/** What a provider publishes about itself, as it came: nothing in it is checked yet. */
export interface DiscoveryDocument {
  /** The issuer that was asked for. */
  readonly issuer: string
  /** Where the metadata was found. */
  readonly url: URL
  readonly metadata: Readonly<Record<string, unknown>>
  /** The key set, or why there is none. */
  readonly keys: { readonly jwks: Readonly<Record<string, unknown>>; readonly delivery: KeySetDelivery } | { readonly problem: string }
}

const WELL_KNOWN = /\/\.well-known\/(openid-configuration|oauth-authorization-server)\/?$/

/**
 * Reads metadata and keys as published, OIDC discovery first, then RFC 8414. A metadata URL counts as its issuer.
 * @throws {OidcgwError} `ERR_PROVIDER_METADATA` when there is none, `ERR_PROVIDER_RESPONSE` for a 5xx, and what the transport throws.
 */
export async function readDiscovery(
  asked: string,
  host: Pick<ClientHost, 'request' | 'signal'>,
  options: ClientOptions,
): Promise<DiscoveryDocument> {
  const issuer = asked.replace(WELL_KNOWN, '')
  const parsed = URL.parse(issuer)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new OidcgwError('ERR_USAGE', `issuer: "${asked}" is no http(s) URL`)
  const path = parsed.pathname.replace(/\/$/, '')
  const places = [
    `${parsed.origin}${path}/.well-known/openid-configuration`,
    `${parsed.origin}/.well-known/oauth-authorization-server${path}`,
  ]
  const seen: string[] = []
  for (const place of places) {
    const url = new URL(place)
    const answer = await get(url, host, options)
    const metadata = answer.status === 200 ? objectIn(answer.body) : undefined
    if (metadata) return { issuer, url, metadata, keys: await readKeys(metadata['jwks_uri'], host, options) }
    if (answer.status >= 500) throw new OidcgwError('ERR_PROVIDER_RESPONSE', `${place} answered HTTP ${answer.status}`)
    seen.push(`${place} answered ${answer.status}${answer.status === 200 ? ' without a JSON object' : ''}`)
  }
  throw new OidcgwError('ERR_PROVIDER_METADATA', `no metadata for ${issuer}: ${seen.join(', ')}`, {
    hint: 'Check the issuer URL; its metadata lives under /.well-known/openid-configuration',
  })
}

async function readKeys(
  jwksUri: unknown,
  host: Pick<ClientHost, 'request' | 'signal'>,
  options: ClientOptions,
): Promise<DiscoveryDocument['keys']> {
  const url = typeof jwksUri === 'string' ? URL.parse(jwksUri) : null
  if (!url) return { problem: 'the metadata names no jwks_uri' }
  try {
    const { status, headers, body } = await get(url, host, options)
    const jwks = status === 200 ? objectIn(body) : undefined
    return jwks
      ? { jwks, delivery: { url, headers, status } }
      : { problem: `${url.href} answered ${status}${status === 200 ? ' without a JSON object' : ''}` }
  } catch (cause) {
    if (cause instanceof OidcgwError) return { problem: cause.message }
    throw cause
  }
}

function get(url: URL, host: Pick<ClientHost, 'request' | 'signal'>, options: ClientOptions): Promise<HttpResponse> {
  assertSecure(url, options)
  return host.request({
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    maxBodyBytes: 1024 * 1024,
    signal: host.signal,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    ...(options.tls && { tls: options.tls }),
  })
}

function objectIn(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
