import { isDeepStrictEqual } from 'node:util'
import { redactText } from '../../http/redact.js'

/** A value to compare with, or a description of one. `null` means absent; a bare text, number or boolean must be equal. */
export type Matcher = string | number | boolean | null | MatcherObject

export interface MatcherObject {
  readonly equals?: unknown
  readonly contains?: string | number | boolean
  /** An ECMAScript regular expression, found anywhere unless anchored. */
  readonly matches?: string
  readonly one_of?: readonly unknown[]
  readonly present?: boolean
  readonly absent?: boolean
  readonly not?: Matcher
}

const OPERATORS = ['equals', 'contains', 'matches', 'one_of', 'present', 'absent', 'not'] as const

/** Whether a value is as described. `undefined` stands for "not there". */
export function matches(matcher: Matcher, actual: unknown): boolean {
  if (matcher === null) return actual === undefined
  if (typeof matcher !== 'object') return same(matcher, actual)
  return OPERATORS.every((operator) => !(operator in matcher) || holds(operator, matcher, actual))
}

function holds(operator: (typeof OPERATORS)[number], matcher: MatcherObject, actual: unknown): boolean {
  switch (operator) {
    case 'equals':
      return same(matcher.equals, actual)
    case 'contains':
      return Array.isArray(actual)
        ? actual.some((entry) => same(matcher.contains, entry))
        : actual !== undefined && text(actual).includes(String(matcher.contains))
    case 'matches':
      return actual !== undefined && new RegExp(matcher.matches ?? '').test(text(actual))
    case 'one_of':
      return (matcher.one_of ?? []).some((entry) => same(entry, actual))
    case 'present':
      return (actual !== undefined) === matcher.present
    case 'absent':
      return (actual === undefined) === matcher.absent
    case 'not':
      return !matches(matcher.not ?? null, actual)
  }
}

/** Equal as values; a number or boolean from YAML also equals its text, since headers and query parameters are texts. */
const same = (expected: unknown, actual: unknown): boolean =>
  isDeepStrictEqual(expected, actual) ||
  (typeof actual === 'string' && (typeof expected === 'number' || typeof expected === 'boolean') && String(expected) === actual)

const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** `/^2/`, `something containing "a"`, `nothing`, `"x"`: for the failure message. */
export function describeMatcher(matcher: Matcher): string {
  if (matcher === null) return 'nothing'
  if (typeof matcher !== 'object') return quote(matcher)
  const parts = OPERATORS.filter((operator) => operator in matcher).map((operator) => {
    switch (operator) {
      case 'equals':
        return quote(matcher.equals)
      case 'contains':
        return `something containing ${quote(matcher.contains)}`
      case 'matches':
        return `something matching /${matcher.matches}/`
      case 'one_of':
        return `one of ${(matcher.one_of ?? []).map(quote).join(', ')}`
      case 'present':
        return matcher.present ? 'something' : 'nothing'
      case 'absent':
        return matcher.absent ? 'nothing' : 'something'
      case 'not':
        return `not ${describeMatcher(matcher.not ?? null)}`
    }
  })
  return parts.join(' and ')
}

/** An observed value for people: quoted, masked, at most 200 characters; a long word that would be cut is left out, for it may be a token. */
export function describeActual(value: unknown): string {
  return value === undefined ? 'nothing' : quote(value)
}

function quote(value: unknown): string {
  const shown = redactText(JSON.stringify(value) ?? 'nothing')
  return shown.length > 200 ? `${shown.slice(0, 200).replace(/[\w.~+/=-]{16,}$/, '')}…` : shown
}
