import type { KongConfig, Route, Service } from '../kong/entities.js'
import { createCertificates, type Certificates, type KeyPair } from './certificates.js'
import { preparePlugins, type Chain, type PluginTable, type PreparedPlugins } from './chain.js'
import type { PluginServices } from './plugins/plugin.js'
import { createRouter, type Router } from './router/router.js'
import type { RouterFlavor } from './router/priority.js'
import { createBalancer, type Balancer } from './upstream/balancer.js'
import { createPools, type Pools } from './upstream/pools.js'
import { neverForwarded } from './upstream/request-headers.js'

/** What one route needs at run time, prepared. */
export interface RoutePlan {
  readonly route: Route
  readonly service: Service | undefined
  readonly balancer: Balancer | undefined
  readonly http: SchemePlan
  readonly https: SchemePlan
}

export interface SchemePlan {
  readonly chain: Chain
  /** Request headers that never come from the client, canonical names. */
  readonly never: ReadonlySet<string>
}

/** One published document at work. Requests hold it while they run; it is closed when the last one is done and a newer one serves. */
export interface Generation {
  readonly config: KongConfig
  readonly router: Router
  readonly pools: Pools
  readonly plugins: PreparedPlugins
  readonly certificates: Certificates
  plan(route: Route): RoutePlan
  /** Counts a request in, and {@link leave} out. */
  enter(): void
  leave(): void
  /** No new requests come: closes plugins and pools once the last request is done. */
  retire(): Promise<void>
  /** Closes at once. */
  close(): Promise<void>
}

export interface GenerationOptions {
  readonly table: PluginTable
  readonly services: PluginServices
  readonly flavor: RouterFlavor
  /** What TLS connections get when no certificate of the document bears their server name. */
  readonly keyPair?: KeyPair | undefined
}

/** Prepares a document for serving. @throws {OidcgwError} when a route or a plugin cannot be prepared; nothing is left open then. */
export function createGeneration(config: KongConfig, { table, services, flavor, keyPair }: GenerationOptions): Generation {
  const serviceById = new Map(config.services.map((service) => [service.id, service]))
  const isServed = ({ service }: Route) => service === undefined || serviceById.get(service)?.enabled !== false
  const router = createRouter(config.routes.filter(isServed), flavor)
  const certificates = createCertificates(config, keyPair)
  const plugins = preparePlugins(config, table, services)
  const pools = createPools()
  const balancers = new Map(config.services.map((service) => [service.id, createBalancer(service, config, () => services.now())]))
  const plans = new Map<string, RoutePlan>()
  const planScheme = (route: Route, service: Service | undefined, scheme: 'http' | 'https'): SchemePlan => {
    const chain = plugins.chainFor(route, service, scheme)
    return { chain, never: neverForwarded(chain.managedHeaders) }
  }

  let active = 0
  let closing: Promise<void> | undefined
  let whenIdle: (() => void) | undefined
  const close = () => (closing ??= Promise.all([plugins.close(), pools.close()]).then(() => undefined))

  return {
    config,
    router,
    pools,
    plugins,
    certificates,
    plan(route) {
      let plan = plans.get(route.id)
      if (!plan) {
        const service = route.service === undefined ? undefined : serviceById.get(route.service)
        const balancer = service && balancers.get(service.id)
        plan = { route, service, balancer, http: planScheme(route, service, 'http'), https: planScheme(route, service, 'https') }
        plans.set(route.id, plan)
      }
      return plan
    },
    enter() {
      active++
    },
    leave() {
      if (--active === 0) whenIdle?.()
    },
    async retire() {
      if (active > 0) await new Promise<void>((resolve) => (whenIdle = resolve))
      await close()
    },
    close,
  }
}
