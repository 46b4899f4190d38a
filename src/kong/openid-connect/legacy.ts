import { isDeepStrictEqual } from 'node:util'
import { isRecord, type ReadContext } from '../fields/read-record.js'
import { FIELD_ROWS } from './fields.js'

/** A configuration in today's names, and where what was renamed really stands. */
export interface Translated {
  readonly value: Readonly<Record<string, unknown>>
  /** From the dotted new name to the path of the old one. */
  readonly origins: ReadonlyMap<string, readonly string[]>
}

type Convert = (value: unknown) => unknown

const LEGACY = FIELD_ROWS.filter(({ legacy }) => legacy === true)
const TOP_LEVEL = new Map(LEGACY.filter(({ name }) => !name.includes('.')).map((row) => [row.name, row.aliasOf]))
const DEFAULTS = new Map(LEGACY.map((row) => [row.name, row.default]))
const REDIS = ['timeout', 'cluster_addresses', 'sentinel_addresses'] as const

const sameSite: Convert = (value) => (value === 'off' || value === false ? 'Default' : value)
const addresses =
  (host: 'ip' | 'host'): Convert =>
  (value) =>
    Array.isArray(value)
      ? value.map((entry: unknown) => {
          const [, name = String(entry), port] = /^(.*?)(?::(\d+))?$/.exec(String(entry)) ?? []
          return { [host]: name.replace(/^\[(.*)\]$/, '$1'), ...(port !== undefined && { port: Number(port) }) }
        })
      : value

const CONVERT: Readonly<Record<string, Convert>> = {
  consumer_claim: (value) => (Array.isArray(value) ? [value] : value),
  session_cookie_samesite: sameSite,
  authorization_cookie_samesite: sameSite,
}

/** Kong prints older names beside today's: null, with their own default, or saying the same. Nobody wrote that, and nobody is warned. */
function isEcho(name: string, content: unknown, converted: unknown, current: unknown): boolean {
  if (content === null || content === undefined) return true
  return isDeepStrictEqual(content, DEFAULTS.get(name)) || isDeepStrictEqual(converted, current)
}

/** Older names become today's (section 1.19), each with a warning; a name that has no effect any more is dropped with one. */
export function translateLegacy(given: Readonly<Record<string, unknown>>, context: ReadContext): Translated {
  const origins = new Map<string, readonly string[]>()
  const redis = given['redis']
  const old = Object.keys(given).filter((name) => TOP_LEVEL.has(name))
  const oldRedis = isRecord(redis) ? REDIS.filter((name) => name in redis) : []
  const value: Record<string, unknown> = { ...given }
  if (value['session_storage'] === 'memcache') {
    warn(context, ['session_storage'], 'memcache is the older spelling', 'write memcached')
    value['session_storage'] = 'memcached'
  }
  if (old.length === 0 && oldRedis.length === 0) return { value, origins }

  const newRedis: Record<string, unknown> = isRecord(redis) ? { ...redis } : {}
  const put = (target: string, from: readonly string[], content: unknown): void => {
    const [first = '', member] = target.split('.')
    const holder = member === undefined ? value : newRedis
    const name = member ?? first
    if (holder[name] !== undefined && holder[name] !== null) return
    if (member !== undefined) value['redis'] = newRedis
    holder[name] = content
    origins.set(target, from)
  }
  const currentOf = (target: string): unknown => {
    const [first = '', member] = target.split('.')
    return member === undefined ? value[first] : newRedis[member]
  }
  for (const name of old) {
    const target = TOP_LEVEL.get(name)
    const content = given[name]
    delete value[name]
    const converted = (CONVERT[name] ?? same)(content)
    const isWritten = !isEcho(name, content, converted, target && currentOf(target))
    if (target === undefined) {
      if (isWritten) warn(context, [name], 'this field has had no effect since 3.2', 'leave it out')
      continue
    }
    if (isWritten) warn(context, [name], `an older name of ${target}`, `write ${advised(target)}`)
    if (content !== null && content !== undefined) put(target, [name], converted)
  }
  for (const name of oldRedis) {
    const content = newRedis[name]
    delete newRedis[name]
    value['redis'] = newRedis
    const targets = name === 'timeout' ? ['connect_timeout', 'read_timeout', 'send_timeout'] : [name.replace('addresses', 'nodes')]
    const convert = name === 'timeout' ? same : addresses(name === 'cluster_addresses' ? 'ip' : 'host')
    const converted = convert(content)
    if (targets.some((target) => !isEcho(`redis.${name}`, content, converted, newRedis[target]))) {
      const told = targets.map((target) => `redis.${target}`).join(', ')
      warn(context, ['redis', name], `an older form of ${told}`, `write ${targets.join(', ')}`)
    }
    if (content === null || content === undefined) continue
    for (const target of targets) put(`redis.${target}`, ['redis', name], converted)
  }
  return { value, origins }
}

const same: Convert = (value) => value

const advised = (target: string): string => {
  const [record, member] = target.split('.')
  return member === undefined ? target : `${member} under ${record}`
}

function warn({ report, place }: ReadContext, trail: readonly string[], message: string, advice: string): void {
  report.add(place, trail.slice(0, -1), { id: 'legacy-name', severity: 'warning', message, advice, key: trail.at(-1) as string })
}
