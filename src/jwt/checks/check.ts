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

export const pass = (check: string, spec: string, reason?: string): CheckResult => ({
  check,
  outcome: 'pass',
  spec,
  ...(reason !== undefined && { reason }),
})
export const skip = (check: string, spec: string, reason: string): CheckResult => ({ check, outcome: 'skip', spec, reason })
export const fail = (check: string, spec: string, code: ReasonCode, reason: string): CheckResult => ({
  check,
  outcome: 'fail',
  spec,
  reason,
  code,
})

/** A value from a token as a message may show it: short, printable, never a token. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'none'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // eslint-disable-next-line no-control-regex -- that is what it is for
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, escapeCharacter)
  return printable.length > 80 ? `${printable.slice(0, 77)}…` : printable === '' ? '""' : printable
}

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
