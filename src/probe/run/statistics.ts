import type { ErrorCode } from '../../errors.js'
import type { ProbeResult } from '../result.js'

/** Latency of the answers to one case (or to all), milliseconds to the end of the body. */
export interface LatencySummary {
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** What repeating one case showed. */
export interface CaseStatistics {
  /** `suite › case`, without the repetition. */
  readonly id: string
  readonly latency: LatencySummary
  /** Counts of answers by status, and of failures to get one by error code. */
  readonly statuses: Readonly<Record<string, number>>
  readonly errors: Partial<Readonly<Record<ErrorCode, number>>>
  /** Equal parts of `min`…`p99` with the number of answers in each; what is slower is in the last. */
  readonly histogram: readonly number[]
}

const BUCKETS = 40

/** Gathers latencies: eight bytes an answer, nothing else is kept. */
export class Latencies {
  #values = new Float64Array(64)
  #count = 0
  readonly #statuses: Record<string, number> = {}
  readonly #errors: Partial<Record<ErrorCode, number>> = {}

  add({ totalMs, status, error }: Pick<ProbeResult, 'totalMs' | 'status' | 'error'>): void {
    if (status !== undefined) this.#statuses[status] = (this.#statuses[status] ?? 0) + 1
    if (error) this.#errors[error.code] = (this.#errors[error.code] ?? 0) + 1
    if (totalMs === undefined) return
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(this.#count * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.#count++] = totalMs
  }

  /** Undefined when there was no answer. */
  summary(): LatencySummary | undefined {
    return summarize(this.#sorted())
  }

  statistics(id: string): CaseStatistics | undefined {
    const sorted = this.#sorted()
    const latency = summarize(sorted)
    return latency && { id, latency, statuses: { ...this.#statuses }, errors: { ...this.#errors }, histogram: histogramOf(sorted, latency) }
  }

  #sorted(): Float64Array {
    return this.#values.slice(0, this.#count).sort()
  }
}

/** The nearest-rank percentile of sorted values: an observed value, never one in between. */
const percentile = (sorted: Float64Array, rank: number): number => sorted[Math.max(0, Math.ceil(sorted.length * rank) - 1)] ?? 0

function summarize(sorted: Float64Array): LatencySummary | undefined {
  const count = sorted.length
  if (count === 0) return undefined
  const at = (rank: number): number => percentile(sorted, rank)
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count
  return { count, min: sorted[0] ?? 0, mean, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted[count - 1] ?? 0 }
}

function histogramOf(sorted: Float64Array, { min, p99 }: LatencySummary): number[] {
  const buckets = Array.from({ length: BUCKETS }, () => 0)
  const width = (p99 - min) / BUCKETS || 1
  for (const value of sorted) {
    const index = Math.min(BUCKETS - 1, Math.floor((value - min) / width))
    buckets[index] = (buckets[index] ?? 0) + 1
  }
  return buckets
}
