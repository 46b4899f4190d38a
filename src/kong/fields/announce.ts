import type { Field, RecordFields } from './field.js'
import { isRecord, type ReadContext } from './read-record.js'

/**
 * Tells of every T3 member that says something else than its default: it is accepted and checked, and changes nothing here. Of a record
 * that is T3 as a whole only the record is told, and what stands in a list is told by the list.
 */
export function announceFields(given: unknown, record: RecordFields, context: ReadContext, trail: readonly string[] = []): void {
  if (!isRecord(given)) return
  for (const key in given) {
    const field = record.fields.get(key)
    if (field?.tier === 'T3') {
      if (saysSomething(given[key], field)) context.report.add(context.place, trail, { ...NOT_IMITATED, key })
    } else if (field?.shape === 'record' && field.record) announceFields(given[key], field.record, context, [...trail, key])
  }
}

const NOT_IMITATED = { id: 'not-imitated-field', severity: 'info', message: 'accepted, but not imitated by the local gateway' } as const

function saysSomething(value: unknown, field: Field): boolean {
  if (value === null || value === undefined) return false
  if (field.shape === 'record' && field.record && isRecord(value)) {
    const { fields } = field.record
    return Object.entries(value).some(([key, member]) => {
      const inner = fields.get(key)
      return inner !== undefined && saysSomething(member, inner)
    })
  }
  if (Array.isArray(value) && value.length === 0 && !Array.isArray(field.default)) return false
  return JSON.stringify(value) !== JSON.stringify(field.default)
}
