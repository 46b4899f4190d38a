import type { Host } from '../../host.js'
import type { Authorize } from '../authorize.js'
import type { ProbeResult } from '../result.js'
import type { TransportOptions } from '../transport.js'
import type { Baseline } from './baseline.js'
import type { Selection } from './select.js'

export interface RunOptions extends Selection {
  readonly authorize: Authorize
  /** Fields of an identity's profile for `${profile.…}`; none when absent. */
  readonly profileFields?: (identity: string) => Readonly<Record<string, string | undefined>>
  readonly host: Pick<Host, 'env' | 'now' | 'signal'>
  readonly transport?: TransportOptions
  /** Cases at a time. Default 1. */
  readonly jobs?: number
  /** Times each case is run. Default 1; a case's own `repeat` wins. */
  readonly repeat?: number
  /** Stop after this many failures. */
  readonly bail?: number
  /** For each request of a case that says nothing itself. Default 30,000. */
  readonly timeoutMs?: number
  readonly allowHttp?: boolean
  readonly baseline?: Baseline
  /** Number of results that will come, before the first. */
  readonly onStart?: (total: number) => void
  /** Each result as soon as it is its turn, in the order of the suites. */
  readonly onResult?: (result: ProbeResult) => void | Promise<void>
  /** Whether the report holds every result. Default true. */
  readonly keepResults?: boolean
}
