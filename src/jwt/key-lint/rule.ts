import type { Severity } from '../lint/rule.js'
import type { Jwk } from '../types.js'

/** Something worth saying about a key set, or about one key of it. */
export interface KeyFinding {
  /** Stable, `K-07`. */
  readonly id: string
  /** Stable, `rsa.bits`. */
  readonly key: string
  readonly severity: Severity
  readonly message: string
  readonly spec: string
  /** Position in the set; absent when the set as a whole is meant. */
  readonly index?: number
  readonly kid?: string
}

/** How a key set came, when it came over HTTP. */
export interface KeySetDelivery {
  readonly url: URL
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly status: number
}

export interface KeySetContext {
  readonly document: unknown
  readonly keys: readonly Jwk[]
  readonly now: Date
  readonly delivery?: KeySetDelivery
}

export interface KeyHit {
  readonly severity: Severity
  readonly message: string
  readonly index?: number
}

export interface KeyRule {
  readonly id: string
  readonly key: string
  readonly spec: string
  readonly check: (context: KeySetContext) => readonly KeyHit[]
}

/** A rule about each key by itself. */
export const each =
  (look: (jwk: Jwk, context: KeySetContext) => Omit<KeyHit, 'index'> | undefined): KeyRule['check'] =>
  (context) =>
    context.keys.flatMap((jwk, index) => {
      const hit = look(jwk, context)
      return hit ? [{ ...hit, index }] : []
    })
