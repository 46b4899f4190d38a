import type { ErrorCode } from '../errors.js'
import type { AssertionResult } from './expect/assertion.js'
import type { ExchangeRecord } from './record.js'

/** `fail`: the gateway does not do what was expected. `error`: we could not tell. */
export type ProbeOutcome = 'pass' | 'fail' | 'error' | 'skip'

/** What became of one case. Plain JSON, everything masked. */
export interface ProbeResult {
  /** Unique within a run: `smoke › open with a token`, `… #3` when repeated. */
  readonly id: string
  readonly suite: string
  readonly name: string
  /** Position in the run, from 0; results come in this order whatever ran first. */
  readonly index: number
  readonly tags: readonly string[]
  /** Profile name, or `none`. */
  readonly identity: string
  readonly outcome: ProbeOutcome
  /** One line: what disagreed, why not, or why skipped. Empty for a pass. */
  readonly message: string
  readonly assertions: readonly AssertionResult[]
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string }
  /** Failing as the baseline says: shown, not counted against the run. */
  readonly known?: string
  /** A refusal that proves nothing: the suite's good credential was refused too. */
  readonly unproven?: true
  readonly method: string
  readonly url: string
  readonly status?: number
  readonly exchanges: readonly ExchangeRecord[]
  /** The answer shows that the request arrived behind the gateway. */
  readonly reachedUpstream?: true
  /** Tries made; more than one under `retry`. */
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Of the last answer, milliseconds. */
  readonly firstByteMs?: number
  /** Of the last answer to the end of its body, milliseconds. */
  readonly totalMs?: number
  /** Of the whole case: login, redirects and retries included, milliseconds. */
  readonly durationMs: number
  /** Cell of a matrix. */
  readonly cell?: { readonly route: string; readonly expected: string }
  /** `oidcgw.yaml:12:7`. */
  readonly where?: string
}
