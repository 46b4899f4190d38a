import type { ProbeReport } from '../../probe/report.js'
import type { ProbeResult } from '../../probe/result.js'
import { isGreen } from '../../probe/report.js'
import type { Palette } from '../palette.js'
import type { ReporterFactory } from './reporter.js'
import { countsText, latencyText, msText, OUTCOME_MARKS, remarks } from './words.js'

const CLEAR = '\r\u001b[K'

/** For people: a line a case, what disagreed beneath it, the sum at the end. Repetitions that pass say nothing. */
export const pretty: ReporterFactory = {
  keepsResults: false,
  create({ write, palette, progress }) {
    let suite: string | undefined
    let [done, total] = [0, 0]
    const show = (text: string): void => {
      if (progress) progress(CLEAR)
      write(text)
    }
    return {
      start: (count) => void (total = count),
      result(result) {
        done++
        if (result.suite !== suite) show(`${suite === undefined ? '' : '\n'}${palette.strong((suite = result.suite))}\n`)
        if (!/ #\d+$/.test(result.id) || result.id.endsWith(' #1') || result.outcome !== 'pass') show(caseText(result, palette))
        progress?.(`${CLEAR}${palette.dim(`${done}/${total} ${result.id}`.slice(0, 100))}`)
      },
      finish(report) {
        show(`\n${summaryText(report, palette)}\n`)
      },
    }
  },
}

function caseText(result: ProbeResult, palette: Palette): string {
  const { outcome, name, identity, status, totalMs, message, known, attempts } = result
  const look =
    known !== undefined ? palette.warn : { pass: palette.good, fail: palette.bad, error: palette.warn, skip: palette.dim }[outcome]
  const repetition = / (#\d+)$/.exec(result.id)?.[1]
  const facts = [
    ...(status === undefined ? [] : [String(status)]),
    ...(totalMs === undefined ? [] : [msText(totalMs)]),
    ...(attempts > 1 ? [`${attempts} tries`] : []),
    ...(identity === 'none' || name.endsWith(` as ${identity}`) ? [] : [`as ${identity}`]),
  ]
  const head = `  ${look(OUTCOME_MARKS[outcome])} ${name}${repetition ? ` ${repetition}` : ''} ${palette.dim(facts.join(' · '))}`.trimEnd()
  const why = known === undefined ? message : `known to fail (${known}): ${message}`
  const lines = why ? why.split('; ').map((line) => `      ${look(line)}`) : []
  const where = outcome === 'fail' || outcome === 'error' ? (result.where === undefined ? [] : [palette.dim(`      ${result.where}`)]) : []
  return `${[head, ...lines, ...where].join('\n')}\n`
}

function summaryText(report: ProbeReport, palette: Palette): string {
  const { counts, latency, statistics, durationMs } = report
  const look = isGreen(report) ? palette.good : counts.fail > 0 || report.stale.length > 0 ? palette.bad : palette.warn
  const repeated = statistics.flatMap(({ id, latency: each, statuses, errors }) => [
    `${id}: ${each.count} answers, ${latencyText(each)}`,
    `  ${[...Object.entries(statuses), ...Object.entries(errors)].map(([what, count]) => `${what}: ${count}`).join(', ')}`,
  ])
  return [
    ...repeated,
    `${look(countsText(counts))} ${palette.dim(`in ${msText(durationMs)}${latency ? `, ${latencyText(latency)}` : ''}`)}`,
    ...remarks(report).map((line) => palette.warn(line)),
  ].join('\n')
}
