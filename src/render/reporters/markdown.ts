import type { ProbeReport } from '../../probe/report.js'
import { isGreen } from '../../probe/report.js'
import type { ProbeResult } from '../../probe/result.js'
import { matrixOf, type MatrixCell } from './matrix.js'
import type { ReporterFactory } from './reporter.js'
import { countsText, latencyText, msText, OUTCOME_MARKS, remarks } from './words.js'

/** A job summary: the verdict, the access matrix, what failed and why. */
export const markdown: ReporterFactory = {
  keepsResults: true,
  create: ({ write }) => ({ finish: (report) => write(markdownText(report)) }),
}

export function markdownText(report: ProbeReport): string {
  const { counts, latency, durationMs, statistics } = report
  const verdict = isGreen(report)
    ? '✅ every assertion held'
    : counts.fail > 0 || report.stale.length > 0
      ? '❌ it does not hold'
      : '⚠️ inconclusive'
  const sections = [
    `# oidcgw probe: ${verdict}`,
    `${countsText(counts)} in ${msText(durationMs)}${latency ? ` (${latencyText(latency)})` : ''}`,
    ...remarks(report).map((line) => `> ${escape(line)}`),
    ...report.suites.flatMap(({ name, gateway }) => suiteSections(name, gateway, report)),
    ...(statistics.length === 0
      ? []
      : [
          table(
            ['repeated', 'answers', 'p50', 'p90', 'p99', 'max', 'statuses'],
            statistics.map(({ id, latency: each, statuses }) => [
              escape(id),
              String(each.count),
              ...[each.p50, each.p90, each.p99, each.max].map(msText),
              Object.entries(statuses)
                .map(([status, count]) => `${status}: ${count}`)
                .join(', '),
            ]),
          ),
        ]),
  ]
  return `${sections.join('\n\n')}\n`
}

function suiteSections(name: string, gateway: string, { results }: ProbeReport): string[] {
  const own = results.filter(({ suite }) => suite === name)
  const matrix = matrixOf(own)
  const notable = own.filter(({ outcome, known }) => (outcome === 'fail' || outcome === 'error') && known === undefined)
  return [
    `## ${escape(name)} at ${escape(gateway)}`,
    ...(matrix
      ? [
          table(
            ['route', ...matrix.identities.map(escape)],
            matrix.rows.map(({ route, cells }) => [code(route), ...cells.map(cellText)]),
          ),
        ]
      : []),
    ...(notable.length === 0 ? [] : [table(['', 'case', 'why', 'where'], notable.map(caseRow))]),
  ]
}

const caseRow = ({ outcome, name, message, where = '' }: ProbeResult): string[] => [
  OUTCOME_MARKS[outcome],
  escape(name),
  escape(message),
  code(where),
]

const cellText = (cell: MatrixCell): string => {
  if (!cell) return ''
  const { status, outcome, expected, known } = cell
  return outcome === 'pass' || outcome === 'skip'
    ? `${OUTCOME_MARKS[outcome]} ${status}`
    : `${known ? '(known) ' : ''}${OUTCOME_MARKS[outcome]} **${status}** (expected ${expected})`
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** Text that stays text: Markdown and HTML marks escaped, line ends gone, cells closed. */
const escape = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/[\\`*_{}[\]|#~]/g, String.raw`\$&`)

const code = (text: string): string => (text === '' ? '' : `\`${text.replace(/[`\s]+/g, ' ').replace(/\|/g, String.raw`\|`)}\``)
