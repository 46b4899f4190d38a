import { OidcgwError } from '../errors.js'
import type { HttpResponse } from '../host.js'
import { parseChallenges, type Challenge } from '../http/challenge.js'
import { redactUrl } from '../http/redact.js'
import type { Profile } from '../profile/profile.js'
import type { ClientHost, ClientOptions } from './client-options.js'
import { assertSecure } from './transport.js'

/** What a route asks for, as far as it says; what was read where, for people. */
export interface RouteWishes {
  readonly status: number
  readonly asks: Partial<Pick<Profile, 'scope' | 'audience' | 'resource' | 'acr_values' | 'max_age' | 'dpop'>>
  /** Issuers the route names. Only named: a route must not decide where a client's secret goes. */
  readonly issuers: readonly string[]
  readonly found: readonly string[]
}

/**
 * Sends the bare request (or one with a token that is at hand, to see a step-up challenge) and reads what comes back: a Bearer or DPoP challenge with `scope`, `acr_values`, `max_age` (RFC 9470) and
 * `resource_metadata` (RFC 9728), or a redirect to an authorization endpoint.
 *
 * @throws {OidcgwError} `ERR_NETWORK…`, `ERR_INSECURE_TRANSPORT`
 */
export async function readRouteWishes(
  url: URL,
  host: Pick<ClientHost, 'request' | 'signal'>,
  options: ClientOptions,
  authorization?: string,
): Promise<RouteWishes> {
  const get = (target: URL, headers: Readonly<Record<string, string>>): Promise<HttpResponse> => {
    assertSecure(target, options)
    const { timeoutMs, tls } = options
    return host.request({
      method: 'GET',
      url: target,
      headers,
      signal: host.signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(tls && { tls }),
    })
  }
  const { status, headers } = await get(url, {
    accept: 'text/html, application/json;q=0.9, */*;q=0.8',
    ...(authorization !== undefined && { authorization }),
  })
  const location = status >= 300 && status < 400 ? URL.parse(String(headers['location'] ?? ''), url.href) : null
  if (location) return fromRedirect(status, location)
  const challenge = parseChallenges(headers['www-authenticate']).find(({ scheme }) => /^(bearer|dpop)$/i.test(scheme))
  if (!challenge)
    return { status, asks: {}, issuers: [], found: [`${status} without a Bearer challenge: it says nothing about what it wants`] }
  const wishes = fromChallenge(status, challenge)
  const { resource_metadata } = challenge.parameters
  const metadataUrl = resource_metadata === undefined ? null : URL.parse(resource_metadata)
  return metadataUrl ? withMetadata(wishes, url, metadataUrl, await get(metadataUrl, { accept: 'application/json' })) : wishes
}

function fromChallenge(status: number, { scheme, parameters }: Challenge): RouteWishes {
  const { scope, acr_values, max_age, error } = parameters
  return {
    status,
    asks: {
      ...(scope && { scope }),
      ...(acr_values && { acr_values }),
      ...(/^\d+$/.test(max_age ?? '') && { max_age: Number(max_age) }),
      ...(/^dpop$/i.test(scheme) && { dpop: true }),
    },
    issuers: [],
    found: [`${status} with a ${scheme} challenge${error ? `, error ${error}` : ''}`, ...told({ scope, acr_values, max_age })],
  }
}

function fromRedirect(status: number, location: URL): RouteWishes {
  const query = location.searchParams
  const value = (name: string): string | undefined => query.get(name) ?? undefined
  if (!query.has('client_id') || !query.has('response_type')) {
    return { status, asks: {}, issuers: [], found: [`${status} to ${redactUrl(location)}, which is no authorization request`] }
  }
  const [scope, audience, resource, acr_values] = [value('scope'), value('audience'), value('resource'), value('acr_values')]
  return {
    status,
    asks: { ...(scope && { scope }), ...(audience && { audience }), ...(resource && { resource }), ...(acr_values && { acr_values }) },
    issuers: [],
    found: [
      `${status} to the authorization endpoint ${location.origin}${location.pathname}`,
      ...told({ scope, audience, resource, acr_values }),
    ],
  }
}

/** RFC 9728 §3: the metadata counts only when its `resource` is the route's own, else anybody could answer for anybody. */
function withMetadata(wishes: RouteWishes, url: URL, metadataUrl: URL, { status, body }: HttpResponse): RouteWishes {
  const document = status === 200 ? jsonIn(body) : undefined
  const { resource, authorization_servers, scopes_supported, dpop_bound_access_tokens_required } = document ?? {}
  if (typeof resource !== 'string' || !covers(resource, url)) {
    const reason = document ? `it is about ${String(JSON.stringify(resource))}, not about this route` : `HTTP ${status} without JSON`
    return { ...wishes, found: [...wishes.found, `resource metadata at ${redactUrl(metadataUrl)} is not believed: ${reason}`] }
  }
  const issuers = Array.isArray(authorization_servers) ? authorization_servers.filter((issuer) => typeof issuer === 'string') : []
  const scopes = Array.isArray(scopes_supported) ? scopes_supported.filter((scope) => typeof scope === 'string').join(' ') : ''
  return {
    ...wishes,
    asks: { resource, ...(scopes && { scope: scopes }), ...wishes.asks, ...(dpop_bound_access_tokens_required === true && { dpop: true }) },
    issuers,
    found: [
      ...wishes.found,
      `resource metadata: resource ${resource}`,
      ...told({ authorization_servers: issuers.join(', '), scopes_supported: scopes }),
    ],
  }
}

function covers(resource: string, url: URL): boolean {
  const named = URL.parse(resource)
  if (named?.origin !== url.origin) return false
  const folder = named.pathname.endsWith('/') ? named.pathname : `${named.pathname}/`
  return url.pathname === named.pathname || `${url.pathname}/`.startsWith(folder)
}

function jsonIn(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const told = (values: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []))

/** @throws {OidcgwError} `ERR_USAGE` */
export function parseRoute(text: string): URL {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new OidcgwError('ERR_USAGE', `--for: "${text}" is no http(s) URL`)
}
