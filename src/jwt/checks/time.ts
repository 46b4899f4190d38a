import type { JsonValue } from '../types.js'
import { showValue } from '../printable.js'
import { fail, pass, skip, type Check } from './check.js'

/** Beyond this a NumericDate is milliseconds by mistake: the year 5138. Such a token would never expire. */
const MAX_NUMERIC_DATE = 100_000_000_000

/**
 * Seconds of a NumericDate, or undefined when it is none. Numeric strings only when the caller is lenient (Kong ≥ 3.13 takes them).
 * @see RFC 7519 §2
 */
export function numericDate(value: JsonValue | undefined, lenient = false): number | undefined {
  const seconds = lenient && typeof value === 'string' && /^\d{1,12}(\.\d{1,9})?$/.test(value) ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 && seconds <= MAX_NUMERIC_DATE ? seconds : undefined
}

const NOT_A_DATE = 'is not a NumericDate (seconds since 1970, a positive number)'

/** Expired from the very second `exp` names; missing is missing, not expired. */
export const exp: Check = ({ jwt: { payload }, options, nowSeconds, leewaySeconds }) => {
  const spec = 'RFC 7519 §4.1.4'
  if (payload['exp'] === undefined) {
    return options.requireExp === false
      ? skip('exp', spec, 'the token has none')
      : fail('exp', spec, 'token_invalid', 'exp is missing: the token would never expire')
  }
  const ends = numericDate(payload['exp'], options.lenientTimes)
  if (ends === undefined) return fail('exp', 'RFC 7519 §2', 'token_invalid', `exp ${showValue(payload['exp'])} ${NOT_A_DATE}`)
  return nowSeconds < ends + leewaySeconds
    ? pass('exp', spec, () => `${date(ends)}, in ${span(ends - nowSeconds)}`, options.stopEarly)
    : fail('exp', spec, 'token_expired', `expired ${span(nowSeconds - ends)} ago, at ${date(ends)}`)
}

export const nbf: Check = ({ jwt: { payload }, options, nowSeconds, leewaySeconds }) => {
  const spec = 'RFC 7519 §4.1.5'
  if (payload['nbf'] === undefined) return skip('nbf', spec, 'the token has none')
  const starts = numericDate(payload['nbf'], options.lenientTimes)
  if (starts === undefined) return fail('nbf', 'RFC 7519 §2', 'token_invalid', `nbf ${showValue(payload['nbf'])} ${NOT_A_DATE}`)
  return nowSeconds + leewaySeconds >= starts
    ? pass('nbf', spec, () => date(starts), options.stopEarly)
    : fail('nbf', spec, 'token_not_yet_valid', `valid in ${span(starts - nowSeconds)}, from ${date(starts)}`)
}

/** Not issued in the future, and not longer ago than the caller allows. */
export const iat: Check = ({ jwt: { payload }, options, nowSeconds, leewaySeconds }) => {
  const spec = 'RFC 7519 §4.1.6'
  const { maxAgeSeconds } = options
  if (payload['iat'] === undefined) {
    return maxAgeSeconds === undefined
      ? skip('iat', spec, 'the token has none')
      : fail('iat', spec, 'token_invalid', 'iat is missing, so the age is unknown')
  }
  const issued = numericDate(payload['iat'], options.lenientTimes)
  if (issued === undefined) return fail('iat', 'RFC 7519 §2', 'token_invalid', `iat ${showValue(payload['iat'])} ${NOT_A_DATE}`)
  if (issued > nowSeconds + leewaySeconds)
    return fail('iat', spec, 'token_iat_future', `issued in the future, in ${span(issued - nowSeconds)}: a clock is off`)
  if (maxAgeSeconds !== undefined && nowSeconds - issued > maxAgeSeconds + leewaySeconds) {
    return fail('iat', spec, 'token_expired', `issued ${span(nowSeconds - issued)} ago, more than the ${span(maxAgeSeconds)} allowed`)
  }
  return pass('iat', spec, () => date(issued), options.stopEarly)
}

const date = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

const span = (seconds: number): string => {
  const whole = Math.floor(Math.abs(seconds))
  if (whole < 120) return `${whole} s`
  if (whole < 7200) return `${Math.floor(whole / 60)} min`
  return whole < 172_800 ? `${Math.floor(whole / 3600)} h` : `${Math.floor(whole / 86_400)} d`
}
