import { formatDuration } from '../config/duration.js'
import { audiences } from './checks/parties.js'
import { numericDate } from './checks/time.js'
import { showValue } from './printable.js'
import type { JsonObject, JsonValue } from './types.js'

/** One way in which two tokens differ. */
export interface Difference {
  readonly part: 'header' | 'payload'
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly before: JsonValue | undefined
  readonly after: JsonValue | undefined
  /** The difference in words: names gained and lost, minutes later. */
  readonly meaning: string
  /** `expected`: two tokens of one kind for one party always differ there. */
  readonly weight: 'meaning' | 'expected'
}

interface Comparable {
  readonly header: JsonObject | undefined
  readonly payload: JsonObject | undefined
}

const TIMES: readonly string[] = ['exp', 'nbf', 'iat', 'auth_time', 'updated_at', 'rat']
/** New in every token, whoever it is for. */
const UNIQUE: readonly string[] = [
  'jti',
  'uti',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'sid',
  'session_state',
  'origin_jti',
  'rh',
  'aio',
  ...TIMES,
]

/**
 * How two tokens differ *by meaning*: member order, a lone audience as text or list and the order of scopes and groups do not count;
 * times are compared as times.
 */
export function diffTokens(a: Comparable, b: Comparable): readonly Difference[] {
  return [...diffMembers('header', a.header ?? {}, b.header ?? {}), ...diffMembers('payload', a.payload ?? {}, b.payload ?? {})]
}

function diffMembers(part: Difference['part'], a: JsonObject, b: JsonObject): Difference[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return names.flatMap((name) => {
    const before = Object.hasOwn(a, name) ? a[name] : undefined
    const after = Object.hasOwn(b, name) ? b[name] : undefined
    const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
    const meaning = describe(name, before, after)
    if (meaning === undefined) return []
    const weight = part === 'payload' && change === 'changed' && UNIQUE.includes(name) ? 'expected' : 'meaning'
    return [{ part, name, change, before, after, meaning, weight }]
  })
}

/** The difference in words; undefined when there is none. */
function describe(name: string, before: JsonValue | undefined, after: JsonValue | undefined): string | undefined {
  const [setA, setB] = [asSet(name, before), asSet(name, after)]
  if (setA && setB) return describeSets(setA, setB)
  if (JSON.stringify(sorted(before)) === JSON.stringify(sorted(after))) return undefined
  if (before === undefined) return `added: ${showValue(after)}`
  if (after === undefined) return `removed: ${showValue(before)}`
  const [timeA, timeB] = TIMES.includes(name) ? [numericDate(before), numericDate(after)] : []
  if (timeA !== undefined && timeB !== undefined) return `${formatDuration((timeB - timeA) * 1000)} ${timeB > timeA ? 'later' : 'earlier'}`
  return `${showValue(before)} → ${showValue(after)}`
}

/** Values whose order says nothing: audiences, scopes, lists of names. */
function asSet(name: string, value: JsonValue | undefined): ReadonlySet<string> | undefined {
  if (name === 'aud') return value === undefined ? undefined : toSet(audiences(value))
  if ((name === 'scope' || name === 'scp') && typeof value === 'string') return new Set(value.split(' ').filter(Boolean))
  return Array.isArray(value) ? toSet(audiences(value as readonly JsonValue[])) : undefined
}

const toSet = (names: readonly string[] | undefined): ReadonlySet<string> | undefined => names && new Set(names)

function describeSets(a: ReadonlySet<string>, b: ReadonlySet<string>): string | undefined {
  const gained = [...b].filter((name) => !a.has(name)).map((name) => `+${showValue(name)}`)
  const lost = [...a].filter((name) => !b.has(name)).map((name) => `-${showValue(name)}`)
  return gained.length + lost.length === 0 ? undefined : [...lost, ...gained].join(' ')
}

/** The same value with members in one order, at every level. */
function sorted(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((inner) => sorted(inner) ?? null)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value as JsonObject)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner) ?? null]),
  )
}
