import { suggest } from '../../config/document.js'
import { MASKED } from '../../http/redact.js'
import type { Field, Scalar } from './field.js'
import type { ReadContext } from './read-record.js'

/** What YAML 1.1 readers, decK's among them, take for booleans beyond `true` and `false`. */
const YAML_11_BOOLEAN = /^(?:yes|no|on|off)$/i
const VAULT_REFERENCE = /^\{vault:\/\/.+\}$/

/** A single value of a field, or undefined after telling what is wrong with it. */
export function readScalar(given: unknown, field: Field, context: ReadContext, trail: PropertyKey[]): unknown {
  const tell = (id: string, message: string, advice?: string, severity: 'error' | 'warning' = 'error') =>
    context.report.add(context.place, trail, { id, severity, message, advice })
  if (typeof given !== 'string' || !VAULT_REFERENCE.test(given)) return checkScalar(given, field, context, trail)
  if (field.referenceable !== true) {
    tell('vault-not-referenceable', 'this field takes no vault reference; Kong keeps the text as it is', undefined, 'warning')
    return checkScalar(given, field, context, trail)
  }
  const text = context.dereference(given, (id, message, advice) => tell(id, message, advice, 'warning'))
  // Kong leaves the field empty; in a list the others must keep their places
  if (text === undefined) return typeof trail.at(-1) === 'number' ? '' : undefined
  return checkScalar(convert(text, field.scalar), { ...field, encrypted: true }, context, trail)
}

function checkScalar(value: unknown, field: Field, context: ReadContext, trail: PropertyKey[]): unknown {
  const tell = (id: string, message: string, advice?: string, severity: 'error' | 'warning' = 'error') =>
    context.report.add(context.place, trail, { id, severity, message, advice })
  const advice = typeProblem(value, field.scalar)
  if (advice !== undefined) {
    if (field.scalar === 'boolean' && typeof value === 'string' && YAML_11_BOOLEAN.test(value) && isPlain(context, trail)) {
      return /^(?:yes|on)$/i.test(value)
    }
    tell('invalid-type', `expected ${ARTICLES[field.scalar]}, got ${describe(value, field)}`, advice || undefined)
    return undefined
  }
  if (typeof value === 'string') {
    if (field.enum && !field.enum.includes(value)) {
      const nearest = suggest(value, field.enum)
      tell('invalid-value', `${describe(value, field)} is not one of ${field.enum.join(', ')}`, nearest && `did you mean "${nearest}"?`)
      return undefined
    }
    if (field.minLength !== undefined && value.length < field.minLength) tell('invalid-value', 'must not be empty')
    if (value.length <= 3 && YAML_11_BOOLEAN.test(value) && isPlain(context, trail)) {
      tell('bare-boolean-word', `decK reads a bare ${value} as a boolean`, `quote it: "${value}"`, 'warning')
    }
  }
  if (typeof value === 'number' && (value < (field.min ?? -Infinity) || value > (field.max ?? Infinity))) {
    const range = field.max === undefined ? `at least ${field.min}` : `between ${field.min} and ${field.max}`
    tell('out-of-range', `${value} is not ${range}`)
    return undefined
  }
  return value
}

const ARTICLES: Readonly<Record<Scalar, string>> = {
  string: 'a string',
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number',
}

/** Undefined when the type fits, else advice (may be empty). */
function typeProblem(value: unknown, scalar: Scalar): string | undefined {
  switch (scalar) {
    case 'string':
      if (typeof value === 'string') return undefined
      if (typeof value === 'number' || typeof value === 'boolean') return 'quote it'
      return Array.isArray(value) && value.length === 1 ? 'write it without brackets' : ''
    case 'boolean':
      if (typeof value === 'boolean') return undefined
      return typeof value === 'string' ? 'write it without quotes, or add "| toBool" to the reference' : ''
    case 'integer':
    case 'number':
      if (typeof value === 'number' && Number.isFinite(value) && (scalar === 'number' || Number.isInteger(value))) return undefined
      return typeof value === 'string'
        ? `write it without quotes, or add "| ${scalar === 'integer' ? 'toInt' : 'toFloat'}" to the reference`
        : ''
  }
}

/** What a value is, for a message; secrets are never shown. */
export function describe(value: unknown, field?: Pick<Field, 'encrypted'>): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (field?.encrypted === true) return MASKED
  if (typeof value !== 'string') return JSON.stringify(value)
  return `"${value.length > 60 ? `${value.slice(0, 57)}…` : value}"`
}

/** A reference gives text; a field of another type reads it. */
function convert(text: string, scalar: Scalar): unknown {
  if (scalar === 'string') return text
  if (scalar === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
}

const isPlain = ({ place }: ReadContext, trail: PropertyKey[]): boolean => {
  const { source, path } = place.elsewhere?.(trail) ?? { source: place.source, path: [...place.path, ...trail] }
  return source.isPlain(path)
}
