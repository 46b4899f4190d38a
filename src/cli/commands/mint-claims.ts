import { OidcgwError } from '../../errors.js'
import type { JsonObject, JsonValue } from '../../jwt/types.js'
import { parseTime } from './verify-time.js'

const TIMES: readonly string[] = ['exp', 'nbf', 'iat', 'auth_time', 'updated_at']

/**
 * Members as people type them: `sub=alice` is text, `admin:=true` is JSON, and the times take `+5m`, `-1h`, `now`, a date or seconds.
 * A name given twice becomes a list.
 * @throws {OidcgwError} `ERR_USAGE`
 */
export function parseMembers(words: readonly string[], now: Date, what = 'claim'): JsonObject {
  const members = new Map<string, JsonValue>()
  for (const word of words) {
    const [, name = '', typed, text = ''] = /^([^=]+?)(:)?=([^]*)$/.exec(word) ?? []
    if (name === '')
      throw new OidcgwError('ERR_USAGE', `${what} "${word.slice(0, 40)}" is not written as name=value`, {
        hint: 'sub=alice is text, admin:=true is JSON, exp=+5m is a time',
      })
    const value = typed ? parseJson(name, text, what) : TIMES.includes(name) ? parseDate(name, text, now) : text
    const previous = members.get(name)
    members.set(name, previous === undefined ? value : [previous, value].flat())
  }
  return Object.fromEntries(members)
}

/** Seconds since 1970, whole. */
const parseDate = (name: string, text: string, now: Date): number => Math.floor(parseTime(text, now, name).getTime() / 1000)

function parseJson(name: string, text: string, what: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw new OidcgwError('ERR_USAGE', `${what} ${name}: what follows := is no JSON`, { cause, hint: `Write ${name}=… for text` })
  }
}
