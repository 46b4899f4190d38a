import type { JsonWebKey as NodeJwk } from 'node:crypto'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }
export type JsonObject = { readonly [name: string]: JsonValue }

/** A compact JWS read but not verified: nothing in it is to be believed yet. */
export interface DecodedJwt {
  readonly header: JsonObject
  readonly payload: JsonObject
  /** Raw signature bytes; empty for `alg: none`. */
  readonly signature: Buffer
  /** `header.payload`, the bytes under the signature. */
  readonly signingInput: string
  /** The compact token. */
  readonly token: string
}

export interface Jwk extends NodeJwk {
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly key_ops?: string[]
}

export interface JwkSet {
  readonly keys: readonly Jwk[]
}

export type CheckOutcome = 'pass' | 'fail' | 'skip'

/** One line of a verdict. */
export interface CheckResult {
  /** `format`, `alg`, `key`, `signature`, `typ`, `iss`, `aud`, `exp`, `nbf`, `iat`, … */
  readonly check: string
  readonly outcome: CheckOutcome
  /** Why, in a few words; names the two values that disagree, never a token. */
  readonly reason?: string
  /** `RFC 7519 §4.1.3`. */
  readonly spec?: string
  /** The gateway's reason code for a failure. */
  readonly code?: import('../trace/reason.js').ReasonCode
}

/** Every check, not the first failure. `valid` means: none failed and the signature passed. */
export interface Verdict {
  readonly valid: boolean
  readonly token: DecodedJwt | undefined
  readonly checks: readonly CheckResult[]
}
