import type { PluginServices } from '../plugins/plugin.js'
import type { JsonObject } from '../../jwt/types.js'
import { deterministicId } from '../../kong/read/identity.js'
import { generateSigningKey, publicJwk, type SigningKey } from './client-key.js'
import { createDiscovery, type Discovery, type DiscoveryConfig } from './discovery.js'
import type { ProviderTransport } from './transport.js'

type Services = Pick<PluginServices, 'now' | 'log' | 'provider'>

/** What is known, or will be, about one provider as one set of fields reaches it. */
export interface ProviderEntry {
  /** A deterministic UUID: the same for the nth way to an issuer. */
  readonly id: string
  /** As configured. */
  readonly issuer: string
  readonly discovery: Discovery
}

/** What plugin instances of one gateway know together; it outlives a configuration, so that publishing one asks nobody anew. */
export interface ProviderRegistry {
  /** The entry of a configuration: one for all that agree in issuer, key sets and ways to reach them. */
  get(config: DiscoveryConfig, services: Services): Discovery
  /** Configured issuers with what is known, for the Admin API's `/openid-connect/issuers`. */
  list(): readonly ProviderEntry[]
  /** Forgets one entry by id, all of an issuer, or all there are: the next request discovers again. @returns whether anything was known. */
  forget(which?: string): boolean
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
  const entries = new Map<string, ProviderEntry>()
  const idOf = (issuer: string): string => {
    const nth = [...entries.values()].filter((entry) => entry.issuer === issuer).length + 1
    return deterministicId('openid-connect/issuers', `${issuer}#${nth}`)
  }
  return {
    get(config, services) {
      const key = keyOf(config)
      let entry = entries.get(key)
      if (!entry) {
        entry = { id: idOf(config.issuer), issuer: config.issuer, discovery: createDiscovery(config, services) }
        entries.set(key, entry)
      }
      return entry.discovery
    },
    list: () => [...entries.values()],
    forget(which) {
      const doomed = [...entries.values()].filter(({ id, issuer }) => which === undefined || which === id || which === issuer)
      const wasKnown = doomed.some(({ discovery }) => discovery.current() !== undefined)
      for (const { discovery } of doomed) discovery.forget()
      return wasKnown
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
