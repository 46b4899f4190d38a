import type { Plugin, Protocol } from '../entities.js'
import { isRecord } from '../fields/read-record.js'
import { fieldsOf } from '../plugins/index.js'
import type { Found } from './collect.js'
import { asList, asText, parentId, type Reading } from './reading.js'
import { within, type Place } from './report.js'

/** Scopes of a plugin: the member that names it, the kind of entity it names. */
const SCOPES = [
  ['route', 'routes'],
  ['service', 'services'],
  ['consumer', 'consumers'],
  ['consumer_group', 'consumer_groups'],
] as const
/** Plugins that identify the consumer and so cannot be scoped to one (product facts; Kong's `no_consumer`). */
const NEVER_BY_CONSUMER = new Set(['openid-connect', 'acl', 'cors', 'key-auth', 'basic-auth', 'jwt', 'oauth2', 'ldap-auth', 'hmac-auth'])

type Scope = Record<(typeof SCOPES)[number][0], string | undefined>

export function readPlugins(reading: Reading, ids: ReadonlyMap<Found, string>): readonly Plugin[] {
  const taken = new Map<string, Found>()
  return reading.collected.entities.plugins.flatMap((found): Plugin[] => {
    const fields = reading.read(found)
    const name = asText(fields['name'])
    if (name === undefined) {
      reading.report.add(found.place, [], { id: 'required-field', severity: 'error', message: 'required field missing: name' })
      return []
    }
    const scope = readScope(found, reading, ids)
    const instance_name = asText(fields['instance_name'])
    const key = [name, scope.route, scope.service, scope.consumer, scope.consumer_group].join('|')
    if (taken.has(key)) {
      const message = `${name} is there twice for ${describeScope(scope)}`
      reading.report.add(found.place, ['name'], { id: 'duplicate-plugin', severity: 'error', message })
    }
    taken.set(key, found)
    if (NEVER_BY_CONSUMER.has(name) && (scope.consumer !== undefined || scope.consumer_group !== undefined)) {
      const message = `${name} cannot be scoped to a consumer or a consumer group`
      reading.report.add(found.place, ['name'], { id: 'plugin-scope', severity: 'error', message })
    }
    const id = reading.register(found, key, instance_name)
    const config = readConfig(name, id, found, reading)
    return [
      {
        id,
        tags: [...asList(fields['tags']), ...reading.collected.selectTags],
        name,
        instance_name,
        enabled: fields['enabled'] as boolean,
        protocols: fields['protocols'] as readonly Protocol[],
        ...scope,
        config,
        source: lazySource(found.place),
      },
    ]
  })
}

/** Nested plugins belong to what they are nested in; of a plugin beneath a route the route alone counts. */
function readScope(found: Found, reading: Reading, ids: ReadonlyMap<Found, string>): Scope {
  const scope: Scope = { route: undefined, service: undefined, consumer: undefined, consumer_group: undefined }
  for (const [member, kind] of SCOPES) scope[member] = reading.refer(found, member, kind)
  const [nearest] = SCOPES.filter(([, kind]) => found.parents[kind] !== undefined)
  if (nearest) scope[nearest[0]] = parentId(found, nearest[1], ids)
  return scope
}

function describeScope(scope: Scope): string {
  const members = SCOPES.map(([member]) => member).filter((member) => scope[member] !== undefined)
  return members.length === 0 ? 'the whole gateway' : `the same ${members.join(' and ').replace('_', ' ')}`
}

function readConfig(name: string, id: string, found: Found, reading: Reading): Readonly<Record<string, unknown>> {
  const { value, place } = assemble(found, reading)
  const { elsewhere } = place
  reading.raw.set(id, {
    value: { ...found.value, config: value },
    place: elsewhere
      ? { ...found.place, elsewhere: ([first, ...rest]) => (first === 'config' ? elsewhere(rest) : undefined) }
      : found.place,
  })
  const fields = fieldsOf(name)
  const shared = asText(found.value['_config'])
  const isComplete = shared === undefined || reading.collected.pluginConfigs.has(shared)
  if (fields && isComplete)
    return fields.read(value, { report: reading.report, dereference: reading.dereference, place }, reading.kongVersion)
  if (!fields) {
    const message = `${name} is accepted, but not imitated`
    reading.report.add(found.place, ['name'], { id: 'not-imitated-plugin', severity: 'info', message })
  }
  return isRecord(value) ? value : {}
}

/** The plugin's own configuration over the shared one (`_config`) it names, and with the partials it links. */
function assemble(found: Found, reading: Reading): { readonly value: unknown; readonly place: Place } {
  const own = found.value['config'] ?? {}
  const place = within(found.place, 'config')
  const shared = readShared(found, reading)
  const partials = readPartials(found, reading)
  if (!isRecord(own) || (shared === undefined && partials.length === 0)) return { value: own, place }
  const value: Record<string, unknown> = { ...(shared && isRecord(shared.value) ? shared.value : {}), ...own }
  for (const partial of partials) value[partial.member] ??= partial.value
  return {
    value,
    place: {
      ...place,
      elsewhere(trail) {
        const [member] = trail
        if (typeof member !== 'string' || member in own) return undefined
        const partial = partials.find((candidate) => candidate.member === member)
        if (partial) return { source: partial.place.source, path: [...partial.place.path, ...trail.slice(1)] }
        if (shared === undefined || !isRecord(shared.value) || !(member in shared.value)) return undefined
        return { source: shared.place.source, path: [...shared.place.path, ...trail] }
      },
    },
  }
}

function readShared({ value, place }: Found, { collected, report }: Reading): { value: unknown; place: Place } | undefined {
  const name = asText(value['_config'])
  if (name === undefined) return undefined
  const shared = collected.pluginConfigs.get(name)
  if (shared === undefined) {
    const message = `no _plugin_configs entry is called "${name}"`
    report.add(place, ['_config'], { id: 'unknown-reference', severity: 'error', message })
  }
  return shared
}

interface LinkedPartial {
  /** Member of the configuration it fills, e.g. `redis`. */
  readonly member: string
  readonly value: unknown
  readonly place: Place
}

function readPartials({ value, place }: Found, { collected, report }: Reading): readonly LinkedPartial[] {
  const links = value['partials']
  if (!Array.isArray(links)) return []
  return links.flatMap((link: unknown, index): LinkedPartial[] => {
    const wanted = isRecord(link) ? (link['name'] ?? link['id']) : link
    const path = isRecord(link) && typeof link['path'] === 'string' ? link['path'] : 'config.redis'
    const partial = collected.entities.partials.find(
      ({ value: { name, id } }) => wanted !== undefined && (name === wanted || id === wanted),
    )
    if (partial === undefined) {
      const message = `no partial is called "${String(wanted)}"`
      report.add(place, ['partials', index], { id: 'unknown-reference', severity: 'error', message })
      return []
    }
    return [{ member: path.replace(/^config\./, ''), value: partial.value['config'], place: within(partial.place, 'config') }]
  })
}

/** Line and column are worked out when somebody asks: of most plugins nobody does. */
function lazySource({ source, path }: Place): Plugin['source'] {
  let position: { readonly line: number; readonly column: number } | undefined
  const find = () => (position ??= source.position(path))
  return {
    file: source.file,
    get line() {
      return find().line
    },
    get column() {
      return find().column
    },
  }
}
