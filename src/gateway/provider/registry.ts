import type { PluginServices } from '../plugins/plugin.js'
import type { JsonObject } from '../../jwt/types.js'
import { generateSigningKey, publicJwk, type SigningKey } from './client-key.js'
import { createDiscovery, type Discovery, type DiscoveryConfig } from './discovery.js'
import type { ProviderTransport } from './transport.js'

type Services = Pick<PluginServices, 'now' | 'log' | 'provider'>

/** What plugin instances of one gateway know together; it outlives a configuration, so that publishing one asks nobody anew. */
export interface ProviderRegistry {
  /** The entry of a configuration: one for all that agree in issuer, key sets and ways to reach them. */
  get(config: DiscoveryConfig, services: Services): Discovery
  /** Configured issuers with what is known, for the Admin API's `/openid-connect/issuers`. */
  list(): readonly { readonly issuer: string; readonly discovery: Discovery }[]
  /** Forgets an issuer, or all: the next request discovers again. @returns whether there was any. */
  forget(issuer?: string): boolean
  /** The gateway's own signing key, for clients without `client_jwk`; made when first asked for. */
  readonly signingKey: () => SigningKey
  /** Its public half, for `/openid-connect/jwks`. */
  publicKeys(): { readonly keys: readonly JsonObject[] }
  /** The next {@link signingKey} is a new one. */
  rotateSigningKey(): void
}

const registries = new WeakMap<ProviderTransport, ProviderRegistry>()

/** The registry that belongs to a transport: it lives and dies with it. */
export function providerRegistry(transport: ProviderTransport): ProviderRegistry {
  let registry = registries.get(transport)
  if (!registry) registries.set(transport, (registry = createRegistry()))
  return registry
}

function createRegistry(): ProviderRegistry {
  let own: SigningKey | undefined
  let made = 0
  const signingKey = () => (own ??= generateSigningKey(`gateway-${++made}`))
  const entries = new Map<string, { readonly issuer: string; readonly discovery: Discovery }>()
  return {
    get(config, services) {
      const key = keyOf(config)
      let entry = entries.get(key)
      if (!entry) entries.set(key, (entry = { issuer: config.issuer, discovery: createDiscovery(config, services) }))
      return entry.discovery
    },
    list: () => [...entries.values()],
    forget(issuer) {
      const doomed = [...entries].filter(([, entry]) => issuer === undefined || entry.issuer === issuer)
      for (const [, { discovery }] of doomed) discovery.forget()
      return doomed.length > 0
    },
    signingKey,
    publicKeys: () => ({ keys: [publicJwk(signingKey())] }),
    rotateSigningKey: () => (own = undefined),
  }
}

const keyOf = (config: DiscoveryConfig): string =>
  JSON.stringify([
    config.issuer,
    config.using_pseudo_issuer,
    config.jwks_endpoint,
    config.extra_jwks_uris,
    config.discovery_headers_names,
    config.discovery_headers_values,
    config.cache_ttl,
    config.rediscovery_lifetime,
    config.ssl_verify,
    config.timeout,
    config.http_proxy,
    config.http_proxy_authorization,
    config.https_proxy,
    config.https_proxy_authorization,
    config.no_proxy,
  ])
