import type { KindGuess } from '../kind.js'
import type { TokenReading } from '../reading.js'
import type { JsonObject, JwkSet } from '../types.js'

export type Severity = 'error' | 'warn' | 'info' | 'notice'

/** Something worth saying about a token. `error`: a conforming verifier must refuse it, or a secret lies open. */
export interface Finding {
  /** Stable, `L-47`. */
  readonly id: string
  /** Stable, `exp.expired`. */
  readonly key: string
  readonly severity: Severity
  readonly message: string
  readonly spec: string
}

/** What a rule may look at. Everything optional is evidence somebody had at hand; a rule that needs it stays silent without. */
export interface LintContext {
  readonly reading: TokenReading
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly kind: KindGuess
  /** Texts between the dots. */
  readonly parts: readonly string[]
  /** Header and payload as text, before parsing: duplicates and escapes are gone afterwards. */
  readonly texts: readonly string[]
  readonly nowSeconds: number
  readonly fromArgument: boolean
  /** Keys as published. */
  readonly jwks?: JwkSet
  /** Issuer as its metadata writes it. */
  readonly issuer?: string
  readonly clientId?: string
  /** Access token that came with an ID token. */
  readonly accessToken?: string
  /** HMAC secret the person holds. */
  readonly secret?: string
}

export interface Hit {
  readonly severity: Severity
  readonly message: string
}

/** One rule: looks, and says nothing when all is well. */
export interface LintRule {
  readonly id: string
  readonly key: string
  readonly spec: string
  readonly check: (context: LintContext) => Hit | readonly Hit[] | undefined
}

export const error = (message: string): Hit => ({ severity: 'error', message })
export const warn = (message: string): Hit => ({ severity: 'warn', message })
export const info = (message: string): Hit => ({ severity: 'info', message })
export const notice = (message: string): Hit => ({ severity: 'notice', message })

/** Whether a token is read as this kind. */
export const isAccessToken = ({ kind }: LintContext): boolean => kind.kind === 'access token'
export const isIdToken = ({ kind }: LintContext): boolean => kind.kind === 'ID token'
/** Rules about claims mean nothing where the claims cannot be seen. */
export const hasClaims = ({ reading }: LintContext): boolean => reading.payload !== undefined
