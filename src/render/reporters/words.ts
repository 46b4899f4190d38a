import type { ProbeReport } from '../../probe/report.js'
import type { ProbeResult } from '../../probe/result.js'
import type { LatencySummary } from '../../probe/run/statistics.js'

export const OUTCOME_MARKS = { pass: '✓', fail: '✗', error: '?', skip: '–' } satisfies Record<ProbeResult['outcome'], string>

/** `3 passed, 1 failed, 1 unclear, 2 skipped, 1 known to fail`; what did not happen is left out. */
export function countsText({ pass, fail, error, skip, known }: ProbeReport['counts']): string {
  const parts: [number, string][] = [
    [pass, 'passed'],
    [fail, 'failed'],
    [error, 'unclear'],
    [skip, 'skipped'],
    [known, 'known to fail'],
  ]
  const shown = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  return shown.length === 0 ? 'no case was run' : shown.join(', ')
}

export const latencyText = ({ p50, p90, p99, max }: LatencySummary): string =>
  `p50 ${msText(p50)}, p90 ${msText(p90)}, p99 ${msText(p99)}, max ${msText(max)}`

export const msText = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`

/** What stands between a run and green beside its cases: one line each. */
export function remarks({ suites, stale, leftOut, insecure, errors }: ProbeReport): string[] {
  return [
    ...suites.flatMap(({ name, inconclusive }) => (inconclusive === undefined ? [] : [`${name} is inconclusive: ${inconclusive}`])),
    ...suites.flatMap(({ name, withoutControl }) =>
      withoutControl ? [`${name} has no positive control: a gateway that refuses everybody would pass`] : [],
    ),
    ...stale.map((id) => `stale baseline entry: "${id}" no longer fails, or does not exist`),
    ...(leftOut > 0 ? [`${leftOut} cases were left out by only: in the file`] : []),
    ...(insecure ? ['server certificates were not verified (--insecure)'] : []),
    ...Object.entries(errors).map(([code, count]) => `${code}: ${count}`),
  ]
}
