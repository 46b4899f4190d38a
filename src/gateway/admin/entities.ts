import { MASKED } from '../../http/redact.js'
import type { KongConfig, Plugin } from '../../kong/entities.js'
import { showConfig } from '../../kong/show-config.js'

/** Collections that can be read, by their path. */
export const COLLECTIONS = ['services', 'routes', 'plugins', 'consumers', 'consumer_groups', 'upstreams', 'certificates'] as const

export type Collection = (typeof COLLECTIONS)[number]

export type AdminEntity = Readonly<Record<string, unknown>> & { readonly id: string }

/** Members that name another entity by its id; Kong shows them as `{"id": …}`. */
const REFERENCES = ['service', 'route', 'consumer', 'consumer_group'] as const
/** Where we remember things about the document rather than about the entity. */
const OURS = new Set(['source', 'order', 'acls', 'groups'])

/** The entities of one collection as the Admin API shows them: secrets masked, absent values null. */
export function listEntities(config: KongConfig, collection: Collection): readonly AdminEntity[] {
  return (config[collection] as unknown as readonly AdminEntity[]).map((entity) => {
    const shown: Record<string, unknown> & { id: string } = { id: entity.id }
    for (const [name, value] of Object.entries(entity)) if (!OURS.has(name) && name !== 'targets') shown[name] = value ?? null
    for (const name of REFERENCES) if (typeof shown[name] === 'string') shown[name] = { id: shown[name] }
    if (collection === 'plugins') shown['config'] = showConfig(entity as unknown as Plugin)
    if (collection === 'certificates') shown['key'] = MASKED
    return shown
  })
}

/** Entities that belong to one parent: `/services/{x}/routes`, `/upstreams/{x}/targets`; undefined when there is no such relation. */
export function listChildren(config: KongConfig, parent: Collection, id: string, child: string): readonly AdminEntity[] | undefined {
  if (parent === 'upstreams' && child === 'targets') {
    const targets = config.upstreams.find((upstream) => upstream.id === id)?.targets ?? []
    return targets.map(({ target, weight }) => ({ id: `${id}:${target}`, target, weight, upstream: { id } }))
  }
  const member = parent.slice(0, -1)
  const isRelated =
    (child === 'plugins' && parent !== 'certificates' && parent !== 'upstreams') || (parent === 'services' && child === 'routes')
  if (!isRelated) return undefined
  return listEntities(config, child).filter((entity) => (entity[member] as { id?: string } | null)?.id === id)
}

/** By id, or by what people call it. */
export const findEntity = (entities: readonly AdminEntity[], wanted: string): AdminEntity | undefined =>
  entities.find(({ id }) => id === wanted) ?? entities.find((entity) => entity['name'] === wanted || entity['username'] === wanted)
