import type { ErrorCode } from '../errors.js'
import type { ProbeResult } from './result.js'
import type { CaseStatistics, LatencySummary } from './run/statistics.js'

export interface Counts {
  readonly pass: number
  /** Without the known ones. */
  readonly fail: number
  readonly error: number
  readonly skip: number
  /** Failing as the baseline says. */
  readonly known: number
}

export interface SuiteSummary {
  readonly name: string
  readonly gateway: string
  readonly counts: Counts
  /** Why its refusals prove nothing, when they do not. */
  readonly inconclusive?: string
  /** It expects refusals but nothing that is let in: a gateway that refuses everybody would pass. */
  readonly withoutControl: boolean
}

/** What a run came to. */
export interface ProbeReport {
  readonly suites: readonly SuiteSummary[]
  readonly counts: Counts
  /** How often each way of not being able to tell occurred. */
  readonly errors: Partial<Readonly<Record<ErrorCode, number>>>
  /** Baseline entries that no longer fail, or name no case. */
  readonly stale: readonly string[]
  readonly latency?: LatencySummary
  /** Of the cases that were repeated. */
  readonly statistics: readonly CaseStatistics[]
  /** Cases that `only:` in a file left out. */
  readonly leftOut: number
  /** Server certificates were not verified. */
  readonly insecure: boolean
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly durationMs: number
  /** Empty when results were streamed only. */
  readonly results: readonly ProbeResult[]
}

/** Whether every assertion held and something was run at all. */
export const isGreen = ({ counts, stale }: Pick<ProbeReport, 'counts' | 'stale'>): boolean =>
  counts.pass + counts.known > 0 && counts.fail === 0 && counts.error === 0 && stale.length === 0
