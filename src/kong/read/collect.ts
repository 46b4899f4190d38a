import { suggest, type SourceDocument } from '../../config/document.js'
import { isRecord } from '../fields/read-record.js'
import { DEFAULTS_KINDS, ENTITY_KINDS, OTHER_COLLECTIONS, type EntityKind } from './entity-fields.js'
import { within, type Place, type Report } from './report.js'

/** An entity as it was written, where, and beneath which others. */
export interface Found {
  readonly kind: EntityKind
  readonly value: Readonly<Record<string, unknown>>
  readonly place: Place
  readonly parents: Partial<Readonly<Record<EntityKind, Found>>>
}

/** Several documents laid over one another as decK does: lists are joined, and of single values the first one given counts. */
export interface Collected {
  readonly formatVersion: string
  readonly entities: Readonly<Record<EntityKind, readonly Found[]>>
  readonly pluginConfigs: ReadonlyMap<string, { readonly value: unknown; readonly place: Place }>
  /** `_info.defaults`, by kind. */
  readonly defaults: Partial<Readonly<Record<EntityKind, { readonly value: unknown; readonly place: Place }>>>
  readonly selectTags: readonly string[]
}

const FORMAT_VERSIONS = ['1.1', '2.1', '3.0']
const CHILDREN: Partial<Readonly<Record<EntityKind, readonly EntityKind[]>>> = {
  services: ['routes', 'plugins'],
  routes: ['plugins'],
  consumers: ['plugins', 'acls'],
  consumer_groups: ['plugins'],
  upstreams: ['targets'],
  certificates: ['snis'],
}
/** decK's own members that change nothing here. */
const ACCEPTED: ReadonlyMap<string, string> = new Map([
  ['_workspace', 'workspaces are not imitated: everything lies in one'],
  ['_konnect', 'control planes of Konnect are not imitated'],
])
const SILENT = new Set(['_transform', '_comment', '_ignore', '_format_version', '_info', '_plugin_configs'])
/** Settings of kong.conf that people look for in a document; the first group is about proxies in front (section 9, gotchas 2 and 3). */
const NODE_SETTING = /^(?:(trusted_ips|port_maps|real_ip_\w+)|proxy_\w+|admin_\w+|database|lua_ssl_\w+|ssl_\w+)$/
const TOP_LEVEL = [...SILENT, ...ACCEPTED.keys(), ...ENTITY_KINDS, ...OTHER_COLLECTIONS]

export function collect(sources: readonly SourceDocument[], report: Report): Collected {
  const entities = Object.fromEntries(ENTITY_KINDS.map((kind) => [kind, [] as Found[]])) as unknown as Record<EntityKind, Found[]>
  const pluginConfigs = new Map<string, { value: unknown; place: Place }>()
  const defaults: Partial<Record<EntityKind, { value: unknown; place: Place }>> = {}
  const selectTags: string[] = []
  let formatVersion: string | undefined

  const take = (kind: EntityKind, list: unknown, place: Place, parents: Found['parents']): void => {
    if (list === null || list === undefined) return
    if (!Array.isArray(list)) {
      report.add(place, [], { id: 'invalid-type', severity: 'error', message: 'expected a list', advice: 'begin each entry with "- "' })
      return
    }
    list.forEach((value: unknown, index) => {
      const here = within(place, index)
      if (kind === 'snis' && typeof value === 'string') return
      if (!isRecord(value)) {
        report.add(here, [], { id: 'invalid-type', severity: 'error', message: 'expected a mapping' })
        return
      }
      const found: Found = { kind, value, place: here, parents }
      entities[kind].push(found)
      for (const child of CHILDREN[kind] ?? []) {
        if (value[child] !== undefined) take(child, value[child], within(here, child), { ...parents, [kind]: found })
      }
    })
  }

  for (const source of sources) {
    const root: Place = { source, path: [] }
    if (!isRecord(source.value)) {
      report.add(root, [], { id: 'invalid-type', severity: 'error', message: 'expected a mapping with _format_version at its top' })
      continue
    }
    formatVersion ??= readFormatVersion(source.value['_format_version'], root, report)
    for (const [key, value] of Object.entries(source.value)) {
      const place = within(root, key)
      if (isKind(key)) take(key, value, place, {})
      else if (key === '_plugin_configs' && isRecord(value)) {
        for (const [name, config] of Object.entries(value))
          if (!pluginConfigs.has(name)) pluginConfigs.set(name, { value: config, place: within(place, name) })
      } else if (key === '_info') readInfo(value, place, report, defaults, selectTags)
      else if (OTHER_COLLECTIONS.includes(key)) notImitated(report, root, key, `${key} are not imitated`)
      else if (ACCEPTED.has(key)) notImitated(report, root, key, ACCEPTED.get(key) ?? '')
      else if (!SILENT.has(key)) {
        const nearest = suggest(key, TOP_LEVEL)
        const advice = nodeSetting(key) ?? (nearest && `did you mean "${nearest}"?`)
        report.add(root, [], { id: 'unknown-field', severity: 'error', message: 'unknown field', advice, key })
      }
    }
  }
  const first = sources[0]
  if (formatVersion === undefined && first && isRecord(first.value)) {
    report.add({ source: first, path: [] }, [], {
      id: 'format-version',
      severity: 'error',
      message: '_format_version is missing',
      advice: 'begin the file with _format_version: "3.0"',
    })
  }
  return { formatVersion: formatVersion ?? '3.0', entities, pluginConfigs, defaults, selectTags }
}

const isKind = (key: string): key is EntityKind => (ENTITY_KINDS as readonly string[]).includes(key)

function nodeSetting(key: string): string | undefined {
  const match = NODE_SETTING.exec(key)
  if (!match) return undefined
  const here = match[1] === undefined ? '' : '; here no proxy in front is believed'
  return `this is a setting of the node, kong.conf or KONG_${key.toUpperCase()}${here}`
}

function notImitated(report: Report, root: Place, key: string, message: string): void {
  report.add(root, [], { id: 'not-imitated', severity: 'info', message, key })
}

function readFormatVersion(value: unknown, root: Place, report: Report): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && FORMAT_VERSIONS.includes(value)) return value
  const message =
    typeof value === 'number'
      ? 'expected a string, got a number'
      : `${typeof value === 'string' ? `"${value}"` : 'the value'} is not one of ${FORMAT_VERSIONS.join(', ')}`
  report.add(root, ['_format_version'], { id: 'format-version', severity: 'error', message, advice: 'write _format_version: "3.0"' })
  return '3.0'
}

function readInfo(
  value: unknown,
  place: Place,
  report: Report,
  defaults: Partial<Record<EntityKind, { value: unknown; place: Place }>>,
  selectTags: string[],
): void {
  if (!isRecord(value)) return
  if (Array.isArray(value['select_tags'])) selectTags.push(...value['select_tags'].filter((tag) => typeof tag === 'string'))
  const given = value['defaults']
  if (!isRecord(given)) return
  for (const [name, members] of Object.entries(given)) {
    const kind = DEFAULTS_KINDS.get(name)
    if (kind !== undefined) defaults[kind] ??= { value: members, place: within(place, 'defaults', name) }
    else notImitated(report, within(place, 'defaults'), name, `defaults for ${name} are not imitated`)
  }
}
