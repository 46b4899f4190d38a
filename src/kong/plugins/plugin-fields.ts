import { announceFields } from '../fields/announce.js'
import { createFields, type FieldRow, type RecordFields } from '../fields/field.js'
import { readRecord, type ReadContext } from '../fields/read-record.js'

/** What is written for one plugin, read: types checked, defaults filled in. */
export type ReadConfig = (value: unknown, context: ReadContext, kongVersion: string) => Readonly<Record<string, unknown>>

export interface PluginFields {
  readonly read: ReadConfig
  /** Dotted names of fields that are never shown. */
  readonly secrets: readonly string[]
}

export type Check = (config: Readonly<Record<string, unknown>>, given: Readonly<Record<string, unknown>>, context: ReadContext) => void

/** A plugin whose fields are a plain table, with rules between fields in `check`. */
export function createPluginFields(rows: readonly FieldRow[], check?: Check): PluginFields {
  let fields: RecordFields | undefined
  return {
    secrets: [],
    read(value, context) {
      fields ??= createFields(rows)
      const config = readRecord(value, fields, context)
      check?.(config, (value ?? {}) as Readonly<Record<string, unknown>>, context)
      announceFields(value, fields, context)
      return config
    },
  }
}

export const isSet = (value: unknown): boolean => value !== null && value !== undefined

/** An error about the whole configuration or one member of it. */
export function refuse({ report, place }: ReadContext, trail: readonly PropertyKey[], id: string, message: string, advice?: string): void {
  report.add(place, trail, { id, severity: 'error', message, advice })
}
