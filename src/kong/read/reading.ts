import { suggest } from '../../config/document.js'
import { announceFields } from '../fields/announce.js'
import type { RecordFields } from '../fields/field.js'
import { isRecord, readRecord, type ReadContext } from '../fields/read-record.js'
import type { Collected, Found } from './collect.js'
import { entityFields, type EntityKind } from './entity-fields.js'
import { deterministicId } from './identity.js'
import type { Place, Report } from './report.js'

/** An entity as it was written. Of a plugin `config` is what its own, a shared one and partials make together. */
export interface RawEntity {
  readonly value: Readonly<Record<string, unknown>>
  readonly place: Place
}

/** What reading all entities of one document shares. */
export interface Reading {
  readonly report: Report
  readonly collected: Collected
  readonly dereference: ReadContext['dereference']
  /** `3.4` … `3.15`. */
  readonly kongVersion: string
  /** What was written, by the id of the entity. */
  readonly raw: Map<string, RawEntity>
  /** Members of an entity, checked, defaults filled in. */
  readonly read: (found: Found) => Record<string, unknown>
  /** Gives an entity its id and makes it known by id and name; a name or id taken twice is an error. */
  readonly register: (found: Found, key: string, name?: string) => string
  /** The id of the entity a member refers to by name, by id, or by a mapping that holds one of them. */
  readonly refer: (found: Pick<Found, 'value' | 'place'>, member: string | number, kind: EntityKind) => string | undefined
}

export function createReading(base: Pick<Reading, 'report' | 'collected' | 'dereference' | 'kongVersion'>): Reading {
  const { report, collected, dereference } = base
  const tables = new Map<EntityKind, RecordFields>()
  const known = new Map<EntityKind, Map<string, string>>()
  const keys = new Map<string, number>()
  const raw = new Map<string, RawEntity>()

  const tableOf = (kind: EntityKind): RecordFields => {
    const table = tables.get(kind) ?? entityFields(kind, defaultsOf(kind))
    tables.set(kind, table)
    return table
  }
  const defaultsOf = (kind: EntityKind): Record<string, unknown> | undefined => {
    const given = collected.defaults[kind]
    if (given === undefined) return undefined
    const read = readRecord(given.value, entityFields(kind), { report, dereference, place: given.place })
    return isRecord(given.value) ? Object.fromEntries(Object.keys(given.value).map((key) => [key, read[key]])) : undefined
  }
  const namesOf = (kind: EntityKind): Map<string, string> => {
    const names = known.get(kind) ?? new Map<string, string>()
    known.set(kind, names)
    return names
  }

  return {
    ...base,
    raw,
    read({ kind, value, place }) {
      const [table, context] = [tableOf(kind), { report, dereference, place }]
      announceFields(value, table, context)
      return readRecord(value, table, context)
    },
    register({ kind, value, place }, key, name) {
      const names = namesOf(kind)
      const full = `${kind}:${key}`
      const nth = (keys.get(full) ?? 0) + 1
      keys.set(full, nth)
      const given = value['id']
      const id = typeof given === 'string' && given !== '' ? given : deterministicId(kind, nth === 1 ? key : `${key}#${nth}`)
      for (const [label, taken] of [
        ['id', id],
        ['name', name],
      ] as const) {
        if (taken === undefined) continue
        if (names.has(taken) && (label === 'id' || names.get(taken) !== id)) {
          const where = Object.keys(value)
            .filter((member) => value[member] === taken && member !== (label === 'id' ? 'name' : 'id'))
            .slice(-1)
          report.add(place, where, {
            id: 'duplicate-name',
            severity: 'error',
            message: `"${taken}" is already the ${label} of another of the ${kind}`,
          })
        } else names.set(taken, id)
      }
      raw.set(id, { value, place })
      return id
    },
    refer({ value, place }, member, kind) {
      const given = value[member]
      if (given === null || given === undefined) return undefined
      const wanted = isRecord(given) ? (given['id'] ?? given['name'] ?? given['username']) : given
      const names = namesOf(kind)
      const id = typeof wanted === 'string' ? names.get(wanted) : undefined
      if (id === undefined) {
        const nearest = typeof wanted === 'string' ? suggest(wanted, [...names.keys()]) : undefined
        report.add(place, [member], {
          id: 'unknown-reference',
          severity: 'error',
          message:
            typeof wanted === 'string'
              ? `no ${kind.replace(/s$/, '').replace('_', ' ')} is called "${wanted}"`
              : 'expected a name or an id',
          advice: nearest && `did you mean "${nearest}"?`,
        })
      }
      return id
    },
  }
}

/** The id of the parent an entity is nested beneath, given the ids of all found so far. */
export const parentId = (found: Found, kind: EntityKind, ids: ReadonlyMap<Found, string>): string | undefined => {
  const parent = found.parents[kind]
  return parent && ids.get(parent)
}

export const asText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
export const asList = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as readonly string[]) : [])
