import { numericDate } from './checks/time.js'
import type { JsonObject } from './types.js'

/** Registered and common claims that hold a NumericDate. */
const TIME_CLAIMS: readonly string[] = ['exp', 'nbf', 'iat', 'auth_time', 'updated_at', 'rat', 'toe']

export interface ClaimTime {
  readonly claim: string
  /** Seconds since the epoch. */
  readonly seconds: number
  readonly date: Date
  /** Negative: in the past. */
  readonly secondsFromNow: number
}

/** The dates among some claims. Values that are no NumericDate are left out: lint names them. */
export function claimTimes(claims: JsonObject, now: Date): readonly ClaimTime[] {
  return TIME_CLAIMS.flatMap((claim) => {
    const seconds = numericDate(claims[claim])
    return seconds === undefined
      ? []
      : [{ claim, seconds, date: new Date(seconds * 1000), secondsFromNow: Math.round(seconds - now.getTime() / 1000) }]
  })
}
