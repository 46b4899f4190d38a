import type { KongConfig, Plugin, Route } from './entities.js'

/** When plugins run: larger first (section 7.5). */
const PLUGIN_PRIORITIES: Readonly<Record<string, number>> = {
  'pre-function': 1_000_000,
  cors: 2000,
  session: 1900,
  jwt: 1450,
  'key-auth': 1250,
  'basic-auth': 1100,
  'openid-connect': 1050,
  'request-validator': 999,
  'ip-restriction': 990,
  acl: 950,
  'rate-limiting': 910,
  'request-transformer': 801,
  'response-transformer': 800,
  'request-termination': 2,
  'correlation-id': 1,
}

/** 0, last of all, for a plugin whose priority we do not know. */
export const priorityOf = (name: string): number => (Object.hasOwn(PLUGIN_PRIORITIES, name) ? (PLUGIN_PRIORITIES[name] ?? 0) : 0)

/** More members named means closer (a whole 16 each); of equals the more specific one counts (section 8.6). */
const WEIGHTS = { consumer: 16 + 8, consumer_group: 16 + 4, route: 16 + 2, service: 16 + 1 } as const

/** Who asks, for plugins that are scoped to consumers. */
export interface Asking {
  /** Ids. */
  readonly consumer?: string
  readonly consumer_groups?: readonly string[]
}

/**
 * The plugins that run for a route, one instance of each name: of several the one with the closest scope that is enabled.
 * Not sorted. Without `asking` plugins scoped to consumers are left out.
 */
export function effectivePlugins(config: KongConfig, route: Route, asking: Asking = {}): readonly Plugin[] {
  const best = new Map<string, { plugin: Plugin; weight: number }>()
  for (const plugin of candidatesOf(config, route)) {
    if (!applies(plugin, route, asking)) continue
    const weight = weightOf(plugin)
    const other = best.get(plugin.name)
    if (other === undefined || weight > other.weight) best.set(plugin.name, { plugin, weight })
  }
  return [...best.values()].map(({ plugin }) => plugin)
}

function applies(plugin: Plugin, route: Route, { consumer, consumer_groups = [] }: Asking): boolean {
  return (
    plugin.enabled &&
    plugin.protocols.some((protocol) => route.protocols.includes(protocol)) &&
    (plugin.route === undefined || plugin.route === route.id) &&
    (plugin.service === undefined || plugin.service === route.service) &&
    (plugin.consumer === undefined || plugin.consumer === consumer) &&
    (plugin.consumer_group === undefined || consumer_groups.includes(plugin.consumer_group))
  )
}

const weightOf = (plugin: Plugin): number =>
  (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).reduce((sum, member) => sum + (plugin[member] === undefined ? 0 : WEIGHTS[member]), 0)

/** Plugins by route and by service, so that asking for every route of a large document stays linear. */
interface Index {
  readonly routes: ReadonlyMap<string, readonly Plugin[]>
  readonly others: ReadonlyMap<string | undefined, readonly Plugin[]>
}
const indexes = new WeakMap<KongConfig, Index>()

function candidatesOf(config: KongConfig, { id, service }: Route): readonly Plugin[] {
  let index = indexes.get(config)
  if (index === undefined) {
    const routes = new Map<string, Plugin[]>()
    const others = new Map<string | undefined, Plugin[]>()
    for (const plugin of config.plugins) {
      if (plugin.route !== undefined) (routes.get(plugin.route) ?? setDefault(routes, plugin.route)).push(plugin)
      else (others.get(plugin.service) ?? setDefault(others, plugin.service)).push(plugin)
    }
    index = { routes, others }
    indexes.set(config, index)
  }
  const byService = service === undefined ? [] : (index.others.get(service) ?? [])
  return [...(index.routes.get(id) ?? []), ...byService, ...(index.others.get(undefined) ?? [])]
}

function setDefault<Key>(map: Map<Key, Plugin[]>, key: Key): Plugin[] {
  const list: Plugin[] = []
  map.set(key, list)
  return list
}
