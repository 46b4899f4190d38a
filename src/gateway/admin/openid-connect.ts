import { publicJwk } from '../../jwt/generate-key.js'
import type { ProviderEntry, ProviderRegistry } from '../provider/registry.js'
import { NOT_FOUND, notAllowed, page, type Answer } from './answer.js'

/**
 * What the plugin adds to the Admin API (section 3.1): `issuers`, the discovery cache, to look at and to forget (by id, or by `issuer`
 * as configured, percent-encoded); `jwks`, the public keys with which the gateway signs for clients without `client_jwk`, to rotate.
 */
export function openIdConnectEndpoint(
  method: string,
  [collection, key, ...rest]: readonly string[],
  url: URL,
  providers: ProviderRegistry,
): Answer {
  const isJwks = collection === 'jwks' && key === undefined
  if ((collection !== 'issuers' && !isJwks) || rest.length > 0) return NOT_FOUND
  if (method === 'GET' || method === 'HEAD') return isJwks ? showKeys(providers) : showIssuers(key, url, providers)
  if (method !== 'DELETE') return notAllowed('GET, DELETE')
  if (isJwks) providers.rotateSigningKey()
  else if (!providers.forget(key) && key !== undefined) return NOT_FOUND
  return { status: 204 }
}

const showKeys = (providers: ProviderRegistry): Answer => ({
  status: 200,
  body: providers.publicKeys(),
  headers: { 'Content-Type': 'application/jwk-set+json' },
})

/** Only what was discovered: an issuer that no request asked for yet is no entry of the cache. */
function showIssuers(key: string | undefined, url: URL, providers: ProviderRegistry): Answer {
  const known = providers.list().flatMap((entry) => show(entry) ?? [])
  if (key === undefined) return page(known, url)
  const found = known.find(({ id, issuer }) => id === key || issuer === key)
  return found ? { status: 200, body: found } : NOT_FOUND
}

function show({ id, issuer, discovery }: ProviderEntry) {
  const known = discovery.current()
  if (!known) return undefined
  return { id, issuer, configuration: known.metadata, keys: known.jwks.flatMap((jwk) => publicJwk(jwk) ?? []) }
}
