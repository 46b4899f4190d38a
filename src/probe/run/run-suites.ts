import type { ErrorCode } from '../../errors.js'
import type { TlsOptions } from '../../host.js'
import type { Counts, ProbeReport, SuiteSummary } from '../report.js'
import type { ProbeResult } from '../result.js'
import type { ProbeCase, ProbeSuite } from '../suite/suite.js'
import { createTransport, type Transport, type TransportOptions } from '../transport.js'
import { Baseline } from './baseline.js'
import type { RunOptions } from './run-options.js'
import { runSuitePlan } from './run-suite-plan.js'
import { caseId, select } from './select.js'
import { Latencies } from './statistics.js'

/**
 * Runs suites one after the other, the cases of each side by side. Failing is a value.
 * @throws {OidcgwError} `ERR_ABORTED` when the host's signal aborted.
 */
export async function runSuites(suites: readonly ProbeSuite[], options: RunOptions): Promise<ProbeReport> {
  const { host, baseline = new Baseline(), keepResults = true } = options
  const startedAt = host.now().getTime()
  const started = performance.now()
  const selected = select(suites, options)
  const results: ProbeResult[] = []
  const overall = new Latencies()
  const groups = new Map<string, Latencies>()
  const total = new Tally()
  let index = 0
  options.onStart?.(selected.reduce((sum, suite) => sum + countOf(suite, options.repeat), 0))
  const summaries: SuiteSummary[] = []
  for (const suite of selected) {
    const tally = new Tally()
    const transport = await createTransport(transportOf(suite, options))
    const outcome = await withTransport(transport, () =>
      runSuitePlan(suite, transport, options, async (one, result, repetition, repeats) => {
        const id = caseId(suite.name, one.name)
        const place = { id: repeats > 1 ? `${id} #${repetition}` : id, suite: suite.name, index: index++ }
        const counted = baseline.apply(Object.assign(result, place), id)
        overall.add(counted)
        if (repeats > 1) latenciesOf(groups, id).add(counted)
        tally.add(counted)
        total.add(counted)
        if (keepResults) results.push(counted)
        await options.onResult?.(counted)
      }),
    )
    summaries.push({ name: suite.name, gateway: suite.gateway.url, counts: tally.counts(), ...outcome })
  }
  const existing = new Set(
    suites.flatMap((suite) => [...suite.setup, ...suite.cases, ...suite.teardown].map(({ name }) => caseId(suite.name, name))),
  )
  const latency = overall.summary()
  return {
    suites: summaries,
    counts: total.counts(),
    errors: total.errors,
    stale: baseline.stale(existing),
    ...(latency && { latency }),
    statistics: [...groups].flatMap(([id, latencies]) => latencies.statistics(id) ?? []),
    leftOut: options.only?.length
      ? 0
      : suites.reduce((sum, { cases }) => sum + (cases.some(({ only }) => only) ? cases.filter(({ only }) => !only).length : 0), 0),
    insecure: options.transport?.tls?.allowInvalidCertificate === true,
    startedAt,
    durationMs: performance.now() - started,
    results,
  }
}

export const repeatsOf = ({ repeat }: ProbeCase, fallback = 1): number => (repeat > 1 ? repeat : fallback)

const countOf = ({ setup, cases, teardown }: ProbeSuite, repeat: number | undefined): number =>
  setup.length + teardown.length + cases.reduce((sum, one) => sum + repeatsOf(one, repeat), 0)

function transportOf({ tls, resolve }: ProbeSuite, { transport = {}, jobs = 1 }: RunOptions): TransportOptions {
  const merged: TlsOptions = { ...transport.tls, ...tls }
  return { connections: Math.max(jobs, 1), ...transport, tls: merged, resolve: { ...transport.resolve, ...resolve } }
}

async function withTransport<T>(transport: Transport, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await transport.close()
  }
}

function latenciesOf(groups: Map<string, Latencies>, id: string): Latencies {
  const known = groups.get(id) ?? new Latencies()
  groups.set(id, known)
  return known
}

class Tally {
  readonly errors: Partial<Record<ErrorCode, number>> = {}
  readonly #counts = { pass: 0, fail: 0, error: 0, skip: 0, known: 0 }

  add({ outcome, known, error }: ProbeResult): void {
    this.#counts[known === undefined ? outcome : 'known']++
    if (outcome === 'error' && error) this.errors[error.code] = (this.errors[error.code] ?? 0) + 1
  }

  counts(): Counts {
    return { ...this.#counts }
  }
}
