import type { ProbeAnswer, ProbeRequest } from '../request.js'
import type { UpstreamView } from '../echo.js'

/** The kinds of assertion, one file each in this folder. */
export type AssertionKind =
  | 'status'
  | 'protected'
  | 'login'
  | 'headers'
  | 'challenge'
  | 'body'
  | 'cookies'
  | 'redirect'
  | 'hops'
  | 'upstream'
  | 'forwarded_token'
  | 'time'
  | 'certificate'
  | 'capture'

/** One thing that was looked at. `expected` and `actual` are masked texts, never raw tokens. `unclear`: the answer shows neither yes nor no. */
export interface AssertionResult {
  readonly kind: AssertionKind
  /** What was looked at: `status`, `header content-type`, `$.headers.Host`. */
  readonly subject: string
  readonly outcome: 'pass' | 'fail' | 'unclear'
  readonly expected: string
  readonly actual: string
}

export interface Hop {
  readonly request: ProbeRequest
  readonly answer: ProbeAnswer
}

/** Everything one case saw. */
export interface Observation {
  /** Every request made, redirects that were followed included; the last one is judged. */
  readonly hops: readonly [Hop, ...Hop[]]
  readonly answer: ProbeAnswer
  /** What arrived behind the gateway, when the answer shows it. */
  readonly upstream: UpstreamView | undefined
  readonly now: Date
}

/** Whether an assertion holds, as its outcome. */
export const outcomeOf = (holds: boolean): 'pass' | 'fail' => (holds ? 'pass' : 'fail')

export type Assert<Expected> = (expected: Expected, observation: Observation) => readonly AssertionResult[]

/** `status: expected 200, got 401`. */
export const describeFailure = ({ subject, expected, actual }: Pick<AssertionResult, 'subject' | 'expected' | 'actual'>): string =>
  `${subject}: expected ${expected}, got ${actual}`
