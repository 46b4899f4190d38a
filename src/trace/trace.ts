import type { ReasonCode } from './reason.js'

export type Actor = 'client' | 'browser' | 'gateway' | 'idp' | 'upstream' | 'store'

/** One HTTP call as it was observed. `what` is method and path with secrets already masked. */
export interface CallStep {
  readonly kind: 'call'
  readonly from: Actor
  readonly to: Actor
  /** `GET /oidcroute/get`, `POST /token`. */
  readonly what: string
  /** What it was for: `discovery`, `jwks`, `token`, `introspection`, `userinfo`, `revocation`, `upstream`, `request`. */
  readonly purpose: string
  /** Absent when no answer came. */
  readonly status?: number
  readonly error?: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly durationMs: number
}

/** One decision: a method tried, a check made. */
export interface DecisionStep {
  readonly kind: 'decision'
  readonly by: Actor
  /** `bearer`, `scopes_required`, `acl`. */
  readonly name: string
  readonly outcome: 'pass' | 'fail' | 'absent' | 'skip' | 'reply' | 'undetermined'
  readonly reason?: ReasonCode
  readonly detail?: string
  readonly at: number
}

export type TraceStep = CallStep | DecisionStep

/** What one request through the gateway left behind. `explain`, the diagram, the access log and the tests read this one record. */
export interface ExchangeTrace {
  /** 32 hex digits, the `X-Kong-Request-Id`. */
  readonly id: string
  readonly at: number
  readonly method: string
  /** Normalised path; query values are masked. */
  readonly path: string
  readonly route?: string
  readonly service?: string
  readonly consumer?: string
  readonly status: number
  readonly reason?: ReasonCode
  readonly durationMs: number
  readonly steps: readonly TraceStep[]
}

/** Receives a step as it happens. */
export type TraceSink = (step: TraceStep) => void
