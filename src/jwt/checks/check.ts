import type { ReasonCode } from '../../trace/reason.js'
import type { CheckResult, DecodedJwt } from '../types.js'
import type { VerificationKey } from '../verification-key.js'
import type { VerifyOptions } from '../verify.js'

/** What a check sees: the token, what was expected of it, and the keys that may have signed it. */
export interface CheckContext {
  readonly jwt: DecodedJwt
  readonly options: VerifyOptions
  readonly nowSeconds: number
  readonly leewaySeconds: number
  /** Keys whose `kid` and algorithm fit. */
  readonly fitting: readonly VerificationKey[]
  /** Keys whose `kid` fits, whatever their algorithm. */
  readonly named: readonly VerificationKey[]
}

/** One check: looks, decides nothing else, changes nothing. */
export type Check = (context: CheckContext) => CheckResult

/** @param reason what was seen; a function when it costs something to say, which the hot path then saves. */
export function pass(check: string, spec: string, reason?: string | (() => string), terse = false): CheckResult {
  if (reason === undefined || terse) return { check, outcome: 'pass', spec }
  return { check, outcome: 'pass', spec, reason: typeof reason === 'string' ? reason : reason() }
}
export const skip = (check: string, spec: string, reason: string): CheckResult => ({ check, outcome: 'skip', spec, reason })
export const fail = (check: string, spec: string, code: ReasonCode, reason: string): CheckResult => ({
  check,
  outcome: 'fail',
  spec,
  reason,
  code,
})
