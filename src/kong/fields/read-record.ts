import { suggest } from '../../config/document.js'
import type { Place, Report } from '../read/report.js'
import type { Field, RecordFields } from './field.js'
import { readScalar, describe } from './read-scalar.js'

/** What reading needs beside the value: who is told, where it stands, what references mean. */
export interface ReadContext {
  readonly report: Report
  readonly place: Place
  /** The text behind a `{vault://…}` reference, or undefined when there is none. */
  readonly dereference: (reference: string, tell: (id: string, message: string, advice?: string) => void) => string | undefined
  /** A better name for a field that does not exist, when there is one that spelling alone would not find. */
  readonly advise?: (name: string, value: unknown) => string | undefined
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A record as its table wants it: every member present, defaults filled in, unknown members and wrong types reported.
 * @param trail the members that lead from the context's place to this record; changed while reading, restored at the end.
 */
export function readRecord(value: unknown, record: RecordFields, context: ReadContext, trail: PropertyKey[] = []): Record<string, unknown> {
  const result: Record<string, unknown> = { ...record.defaults }
  if (!isRecord(value)) {
    tell(context, trail, 'invalid-type', `expected a mapping, got ${describe(value)}`)
    return result
  }
  for (const key in value) {
    const field = record.fields.get(key)
    if (field === undefined) {
      reportUnknown(key, value[key], record, context, trail)
      continue
    }
    const given = value[key]
    if (given === null || given === undefined) {
      if (field.nullable === true) result[key] = null
      continue
    }
    trail.push(key)
    const read = readField(given, field, context, trail)
    trail.pop()
    if (read !== undefined) result[key] = read
  }
  for (const key of record.requiredKeys) {
    if (value[key] === null || value[key] === undefined) tell(context, trail, 'required-field', `required field missing: ${key}`)
  }
  return result
}

function readField(value: unknown, field: Field, context: ReadContext, trail: PropertyKey[]): unknown {
  switch (field.shape) {
    case 'any':
      return value
    case 'scalar':
      return readScalar(value, field, context, trail)
    case 'record':
      return readRecord(value, field.record as RecordFields, context, trail)
    case 'map':
      return readMap(value, context, trail, (member) => readScalar(member, field, context, trail))
    case 'map-of-lists':
      return readMap(value, context, trail, (member) =>
        readItems(member, field, context, trail, (item) => readScalar(item, field, context, trail)),
      )
    case 'list-of-records':
      return readItems(value, field, context, trail, (item) => readRecord(item, field.record as RecordFields, context, trail))
    case 'list-of-lists':
      return readItems(value, field, context, trail, (item) =>
        readItems(item, field, context, trail, (member) => readScalar(member, field, context, trail)),
      )
    case 'list':
    case 'set': {
      const items = readItems(value, field, context, trail, (item) => readScalar(item, field, context, trail))
      if (field.shape === 'set' && items) refuseDuplicates(value as readonly unknown[], context, trail)
      return items
    }
  }
}

function readItems(
  value: unknown,
  field: Field,
  context: ReadContext,
  trail: PropertyKey[],
  read: (item: unknown) => unknown,
): unknown[] | undefined {
  if (!Array.isArray(value)) {
    const example = typeof value === 'string' && value.length < 40 && field.encrypted !== true ? value : '…'
    tell(
      context,
      trail,
      'invalid-type',
      `expected a list, got ${describe(value, field)}`,
      isRecord(value) ? undefined : `write [${example}]`,
    )
    return undefined
  }
  if (field.minItems !== undefined && value.length < field.minItems) {
    tell(context, trail, 'invalid-value', `expected at least ${field.minItems} entry, got ${value.length}`)
  }
  const items: unknown[] = []
  for (let index = 0; index < value.length; index++) {
    trail.push(index)
    const item = read(value[index])
    trail.pop()
    if (item !== undefined) items.push(item)
  }
  return items
}

function readMap(
  value: unknown,
  context: ReadContext,
  trail: PropertyKey[],
  read: (member: unknown) => unknown,
): Record<string, unknown> | undefined {
  if (!isRecord(value)) {
    tell(context, trail, 'invalid-type', `expected a mapping, got ${describe(value)}`)
    return undefined
  }
  const entries: [string, unknown][] = []
  for (const [key, member] of Object.entries(value)) {
    trail.push(key)
    entries.push([key, read(member)])
    trail.pop()
  }
  return Object.fromEntries(entries)
}

function refuseDuplicates(items: readonly unknown[], context: ReadContext, trail: PropertyKey[]): void {
  if (new Set(items).size === items.length) return
  items.forEach((item, index) => {
    if (items.indexOf(item) !== index) tell(context, [...trail, index], 'duplicate-value', `${String(item)} is listed twice`)
  })
}

function reportUnknown(key: string, value: unknown, record: RecordFields, context: ReadContext, trail: PropertyKey[]): void {
  const better = context.advise?.([...trail, key].join('.'), value)
  const nearest = better === undefined ? suggest(key, record.names) : undefined
  const advice = better ?? (nearest && `did you mean "${nearest}"?`)
  context.report.add(context.place, trail, { id: 'unknown-field', severity: 'error', message: 'unknown field', advice, key })
}

function tell(context: ReadContext, trail: PropertyKey[], id: string, message: string, advice?: string): void {
  context.report.add(context.place, trail, { id, severity: 'error', message, advice })
}
