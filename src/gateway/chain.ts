import type { KongConfig, Plugin as PluginEntity, Route, Service } from '../kong/entities.js'
import type { Exchange, Plugin, PluginInstance, PluginServices } from './plugins/plugin.js'

/** One plugin of a route: the configurations that may apply, most specific first. At most one runs for a request. */
interface Link {
  readonly name: string
  readonly priority: number
  readonly candidates: readonly { readonly entity: PluginEntity; readonly instance: PluginInstance }[]
}

/** The plugins of one route and scheme, in the order in which they run. */
export interface Chain {
  readonly links: readonly Link[]
  readonly managedHeaders: readonly string[]
}

export type PluginTable = Readonly<Record<string, Plugin>>

/** A document's plugin entities, prepared once; entities of plugins that are not imitated have no instance. */
export interface PreparedPlugins {
  chainFor(route: Route, service: Service | undefined, scheme: 'http' | 'https'): Chain
  /** Names of plugins that the document configures and nobody here imitates. */
  readonly notImitated: readonly string[]
  close(): Promise<void>
}

export function preparePlugins(config: KongConfig, table: PluginTable, services: PluginServices): PreparedPlugins {
  const enabled = config.plugins.filter((entity) => entity.enabled)
  const known = enabled.filter(({ name }) => Object.hasOwn(table, name))
  const prepared = known.map((entity) => {
    const plugin = table[entity.name] as Plugin
    return { entity, plugin, instance: plugin.create(entity, services) }
  })
  return {
    notImitated: [...new Set(enabled.filter((entity) => !known.includes(entity)).map(({ name }) => name))],
    chainFor(route, service, scheme) {
      const applicable = prepared.filter(({ entity }) => isInScope(entity, route, service) && entity.protocols.includes(scheme))
      const names = [...new Set(applicable.map(({ plugin }) => plugin.name))]
      const links = names.map((ofName): Link => {
        const candidates = applicable
          .filter(({ plugin }) => plugin.name === ofName)
          .toSorted((a, b) => specificity(b.entity) - specificity(a.entity))
        const { name, priority } = (candidates[0] as (typeof candidates)[number]).plugin
        return { name, priority, candidates: uptoUnconditional(candidates) }
      })
      const ordered = links.toSorted((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
      return {
        links: ordered,
        managedHeaders: ordered.flatMap(({ candidates }) => candidates.flatMap(({ instance }) => instance.managedHeaders ?? [])),
      }
    },
    async close() {
      await Promise.all(prepared.map(async ({ instance }) => await instance.close?.()))
    },
  }
}

const isInScope = ({ route, service }: PluginEntity, ofRoute: Route, ofService: Service | undefined): boolean =>
  (route === undefined || route === ofRoute.id) && (service === undefined || service === ofService?.id)

/** Kong's precedence: consumer, then consumer group, then route, then service; more of them together beat fewer. */
const specificity = ({ consumer, consumer_group, route, service }: PluginEntity): number => {
  const count = [consumer, consumer_group, route, service].filter((scope) => scope !== undefined).length
  return count * 16 + (consumer ? 8 : 0) + (consumer_group ? 4 : 0) + (route ? 2 : 0) + (service ? 1 : 0)
}

/** Nothing after a configuration that asks for no consumer can ever be chosen. */
function uptoUnconditional<T extends { readonly entity: PluginEntity }>(candidates: readonly T[]): readonly T[] {
  const index = candidates.findIndex(({ entity }) => entity.consumer === undefined && entity.consumer_group === undefined)
  return index < 0 ? candidates : candidates.slice(0, index + 1)
}

/** The configuration of one plugin that applies to a request *now*: consumers may have become known since the last one ran. */
export function chooseInstance({ candidates }: Link, { consumer, config }: Exchange): PluginInstance | undefined {
  for (const { entity, instance } of candidates) {
    if (entity.consumer !== undefined && entity.consumer !== consumer?.id) continue
    if (entity.consumer_group !== undefined) {
      const group = config.consumer_groups.find(({ id }) => id === entity.consumer_group)
      if (!group || !consumer?.groups.includes(group.name)) continue
    }
    return instance
  }
  return undefined
}
