import { parseDuration } from '../../config/duration.js'
import { OidcgwError } from '../../errors.js'

/**
 * A point in time as people write it: an ISO date, seconds since 1970, `now`, or an offset such as `+5m`, `-2h`.
 * @throws {OidcgwError} `ERR_USAGE`
 */
export function parseTime(text: string, now: Date, what: string): Date {
  const offset = /^(?:now)?([+-])(.+)$/.exec(text)
  if (text === 'now') return now
  if (offset) return new Date(now.getTime() + (offset[1] === '-' ? -1 : 1) * parseDuration(offset[2] ?? '', what))
  const date = /^\d{1,12}(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : undefined
  if (date && Number.isFinite(date.getTime())) return date
  throw new OidcgwError('ERR_USAGE', `${what}: "${text}" is no time`, {
    hint: 'Write 2027-01-15T08:00:00Z, seconds since 1970, now, +5m or -2h',
  })
}
