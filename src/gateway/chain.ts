import type { KongConfig, Plugin as PluginEntity, Route, Service } from '../kong/entities.js'
import { effectivePlugins } from '../kong/precedence.js'
import type { Exchange, Plugin, PluginInstance, PluginServices } from './plugins/plugin.js'

/** The place of one plugin among those of a route. At most one of its configurations runs for a request. */
interface Link {
  readonly name: string
  /** Set when no configuration of this plugin depends on who asks. */
  readonly instance: PluginInstance | undefined
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
  /** The configuration of one plugin that applies *now*: consumers may have become known since the last one ran. */
  choose(link: Link, exchange: Exchange): PluginInstance | undefined
  /** Names of plugins that the document configures and nobody here imitates. */
  readonly notImitated: readonly string[]
  close(): Promise<void>
}

interface Prepared {
  readonly entity: PluginEntity
  readonly plugin: Plugin
  readonly instance: PluginInstance
}

/** Creates an instance for every enabled entity whose plugin is in the table. */
export function preparePlugins(config: KongConfig, table: PluginTable, services: PluginServices): PreparedPlugins {
  const enabled = config.plugins.filter((entity) => entity.enabled)
  const prepared = enabled.flatMap((entity): Prepared[] => {
    const plugin = Object.hasOwn(table, entity.name) ? table[entity.name] : undefined
    return plugin ? [{ entity, plugin, instance: plugin.create(entity, services) }] : []
  })
  const byEntity = new Map(prepared.map((one) => [one.entity.id, one]))
  const instanceOf = (entity: PluginEntity | undefined) => entity && byEntity.get(entity.id)?.instance
  const anywhere = prepared.filter(({ entity }) => entity.route === undefined && entity.service === undefined)
  const byParent = new Map<string, Prepared[]>()
  for (const one of prepared) {
    const parent = one.entity.route ?? one.entity.service
    if (parent === undefined) continue
    const siblings = byParent.get(parent)
    if (siblings) siblings.push(one)
    else byParent.set(parent, [one])
  }
  const candidatesOf = (route: Route, service: Service | undefined, scheme: 'http' | 'https'): Prepared[] =>
    [...anywhere, ...(byParent.get(route.id) ?? []), ...(service ? (byParent.get(service.id) ?? []) : [])].filter(
      ({ entity }) => entity.protocols.includes(scheme) && (entity.service === undefined || entity.service === service?.id),
    )

  return {
    notImitated: [...new Set(enabled.filter(({ id }) => !byEntity.has(id)).map(({ name }) => name))],
    chainFor(route, service, scheme) {
      const candidates = candidatesOf(route, service, scheme)
      if (candidates.length === 0) return EMPTY
      const always = effectivePlugins(config, route)
      const names = [...new Map(candidates.map(({ plugin }) => [plugin.name, plugin.priority]))].toSorted(byPriority)
      const links = names.map(([name]): Link => {
        const isByConsumer = candidates.some(({ entity }) => entity.name === name && dependsOnConsumer(entity))
        const entity = always.find((one) => one.name === name)
        return { name, instance: isByConsumer ? undefined : instanceOf(entity) }
      })
      return { links, managedHeaders: candidates.flatMap(({ instance }) => instance.managedHeaders ?? []) }
    },
    choose({ name, instance }, { consumer, consumerGroups, route, request }) {
      if (instance) return instance
      const groups = [...(consumer?.groups ?? []), ...(consumerGroups ?? [])]
      const chosen = effectivePlugins(config, route, {
        ...(consumer && { consumer: consumer.id }),
        consumer_groups: config.consumer_groups.filter((group) => groups.includes(group.name)).map(({ id }) => id),
      }).find((entity) => entity.name === name && entity.protocols.includes(request.scheme))
      return instanceOf(chosen)
    },
    async close() {
      await Promise.all(prepared.map(async ({ instance }) => await instance.close?.()))
    },
  }
}

const EMPTY: Chain = { links: [], managedHeaders: [] }

const dependsOnConsumer = ({ consumer, consumer_group }: PluginEntity): boolean => consumer !== undefined || consumer_group !== undefined

/** Larger priorities first; equal ones by name, so that the order does not depend on the document. */
const byPriority = ([nameA, a]: [string, number], [nameB, b]: [string, number]): number => b - a || (nameA < nameB ? -1 : 1)
