/** How much of a field the local gateway imitates: T1 and T2 yes, T3 only announces. */
type Tier = 'T1' | 'T2' | 'T3'

/** One line of a field table; `name` is dotted for members of records, with `[]` for members of lists of records. */
export interface FieldRow {
  readonly name: string
  /** `string`, `number`, `array of string`, `set of string`, `array of object`, `map of array of string`, `any`, … */
  readonly type: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly min?: number
  readonly max?: number
  readonly minItems?: number
  readonly minLength?: number
  readonly required?: boolean
  /** A record that is not given is still there, made of its defaults. */
  readonly filled?: boolean
  /** Members that a given record must have. */
  readonly requiredKeys?: readonly string[]
  /** Explicit null stays null although there is a default. */
  readonly nullable?: boolean
  /** May be a `{vault://…}` reference. */
  readonly referenceable?: boolean
  /** Secret: never shown. */
  readonly encrypted?: boolean
  readonly tier?: Tier
  /** First version that knows it, e.g. `3.14`. */
  readonly since?: string
  readonly legacy?: boolean
}

export type Scalar = 'string' | 'boolean' | 'integer' | 'number'

export interface Field extends Omit<FieldRow, 'type'> {
  readonly type: string
  readonly shape: 'scalar' | 'list' | 'set' | 'list-of-lists' | 'record' | 'list-of-records' | 'map' | 'map-of-lists' | 'any'
  readonly scalar: Scalar
  readonly record: RecordFields | undefined
}

/** The members of a record and what it holds when they are not given. */
export interface RecordFields {
  readonly fields: ReadonlyMap<string, Field>
  readonly names: readonly string[]
  readonly defaults: Readonly<Record<string, unknown>>
  readonly requiredKeys: readonly string[]
  /** Whether members that are not given stay absent instead of null (a JWK). */
  readonly sparse: boolean
}

const SHAPES: Readonly<Record<string, Field['shape']>> = {
  object: 'record',
  'array of object': 'list-of-records',
  'array of array of string': 'list-of-lists',
  any: 'any',
}

function shapeOf(type: string): Field['shape'] {
  const known = SHAPES[type]
  if (known) return known
  if (type.startsWith('array of ')) return 'list'
  if (type.startsWith('set of ')) return 'set'
  if (type.startsWith('map of array of ')) return 'map-of-lists'
  return type.startsWith('map of ') ? 'map' : 'scalar'
}

export interface TableOptions {
  /** Defaults by dotted name that differ from the table's, e.g. for an older version. */
  readonly defaults?: Readonly<Record<string, unknown>>
  /** Records (dotted names) whose absent members stay absent. */
  readonly sparse?: readonly string[]
}

/** Builds the nested form of a flat table. Legacy rows are left out: they are translated before a record is read. */
export function createFields(rows: readonly FieldRow[], options: TableOptions = {}): RecordFields {
  const current = rows.filter((row) => row.legacy !== true)
  return createRecord(current, '', [], options)
}

function createRecord(rows: readonly FieldRow[], prefix: string, requiredKeys: readonly string[], options: TableOptions): RecordFields {
  const fields = new Map<string, Field>()
  const defaults: [string, unknown][] = []
  const sparse = options.sparse?.includes(prefix.replace(/(\[\])?\.$/, '')) ?? false
  for (const row of rows) {
    const name = row.name.slice(prefix.length)
    if (!row.name.startsWith(prefix) || name.includes('.')) continue
    const shape = shapeOf(row.type)
    const inner = shape === 'record' ? `${row.name}.` : shape === 'list-of-records' ? `${row.name}[].` : undefined
    const record = inner === undefined ? undefined : createRecord(rows, inner, row.requiredKeys ?? [], options)
    const usual = row.filled === true && record ? record.defaults : (row.default ?? null)
    const fallback = options.defaults && row.name in options.defaults ? options.defaults[row.name] : usual
    fields.set(name, { ...row, name, default: fallback, shape, scalar: row.type.split(' ').at(-1) as Scalar, record })
    if (!sparse) defaults.push([name, fallback])
  }
  // made at once, so that V8 keeps it as an object with a shape: spreading one made key by key costs a hundred times as much
  return { fields, names: [...fields.keys()], defaults: Object.fromEntries(defaults), requiredKeys, sparse }
}
