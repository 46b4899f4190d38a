import { isGreen, type ProbeReport, type SuiteSummary } from '../../probe/report.js'
import type { ExchangeRecord } from '../../probe/record.js'
import type { ProbeResult } from '../../probe/result.js'
import type { CaseStatistics } from '../../probe/run/statistics.js'
import { escapeXml as e } from '../escape-xml.js'
import { toSvg } from '../sequence-diagram-svg.js'
import { caseSteps } from './case-steps.js'
import { HTML_STYLE } from './html-style.js'
import { latencyPlot } from './latency-plot.js'
import { matrixOf, type MatrixCell } from './matrix.js'
import type { ReporterFactory } from './reporter.js'
import { countsText, latencyText, msText, OUTCOME_MARKS, remarks } from './words.js'

/** One self-contained page without a script: verdict, access matrix, each case's masked exchange with its diagram, latency plots. */
export const html: ReporterFactory = {
  keepsResults: true,
  create: ({ write }) => ({ finish: (report) => write(htmlText(report)) }),
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

function htmlText(report: ProbeReport): string {
  const { counts, latency, durationMs, startedAt, statistics } = report
  const [look, verdict] = isGreen(report)
    ? ['good', 'Every assertion held']
    : counts.fail > 0 || report.stale.length > 0
      ? ['bad', 'It does not hold']
      : ['warn', 'Inconclusive']
  const notes = remarks(report).map((line) => `<li>${e(line)}</li>`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>oidcgw probe: ${verdict}</title><style>${HTML_STYLE}</style></head>
<body><main>
<h1>oidcgw probe</h1>
<p class="verdict ${look}">${verdict}: ${e(countsText(counts))}</p>
<p class="dim">${e(new Date(startedAt).toISOString())}, ${e(msText(durationMs))}${latency ? `, ${e(latencyText(latency))}` : ''}</p>
${notes.length === 0 ? '' : `<ul class="warn">${notes.join('')}</ul>`}
${report.suites.map((suite) => suiteHtml(suite, report)).join('\n')}
${statistics.length === 0 ? '' : `<section><h2>Latency</h2>${statistics.map(statisticsHtml).join('')}</section>`}
</main></body></html>
`
}

function suiteHtml({ name, gateway, counts }: SuiteSummary, { results }: ProbeReport): string {
  const own = results.filter(({ suite }) => suite === name)
  return `<section><h2>${e(name)}</h2><p>${e(countsText(counts))} at <code>${e(gateway)}</code></p>${matrixHtml(own, name)}${own.filter(isShown).map(caseHtml).join('\n')}</section>`
}

/** Repetitions that passed are in the plots. */
const isShown = ({ id, outcome }: ProbeResult): boolean => outcome !== 'pass' || !/ #(?!1$)\d+$/.test(id)

function matrixHtml(results: readonly ProbeResult[], name: string): string {
  const matrix = matrixOf(results)
  if (!matrix) return ''
  const head = matrix.identities.map((identity) => `<th scope="col">${e(identity)}</th>`).join('')
  const rows = matrix.rows.map(
    ({ route, cells }) => `<tr><th scope="row"><code>${e(route)}</code></th>${cells.map(cellHtml).join('')}</tr>`,
  )
  return `<div class="scroll" tabindex="0" role="region" aria-label="Access matrix of ${e(name)}"><table><thead><tr><th scope="col">route</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function cellHtml(cell: MatrixCell): string {
  if (!cell) return '<td class="cell skip">·</td>'
  const { outcome, status, expected, known } = cell
  const more = outcome === 'pass' ? '' : `<small>expected ${e(expected)}${known ? ', known' : ''}</small>`
  return `<td class="cell ${outcome}">${OUTCOME_MARKS[outcome]} ${e(status)}${more}</td>`
}

function caseHtml(result: ProbeResult): string {
  const { outcome, known, name, id, status, totalMs, message, assertions, exchanges, where, identity } = result
  const facts = [status === undefined ? '' : String(status), totalMs === undefined ? '' : msText(totalMs), `as ${identity}`]
    .filter(Boolean)
    .join(' · ')
  const rows = assertions.map(
    (one) =>
      `<tr><td class="${one.outcome === 'unclear' ? 'error' : one.outcome}">${OUTCOME_MARKS[one.outcome === 'unclear' ? 'error' : one.outcome]}</td><td>${e(one.subject)}</td><td>${e(one.expected)}</td><td>${e(one.actual)}</td></tr>`,
  )
  const table =
    rows.length === 0
      ? ''
      : `<div class="scroll" tabindex="0" role="region" aria-label="Assertions of ${e(id)}"><table><thead><tr><th scope="col">held</th><th scope="col">what</th><th scope="col">expected</th><th scope="col">got</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
  const svg = exchanges.length === 0 ? '' : toSvg(caseSteps(result), { title: `Sequence of ${id}` })
  const open = (outcome === 'fail' || outcome === 'error') && known === undefined ? ' open' : ''
  const why = known === undefined ? message : `known to fail (${known}): ${message}`
  return `<details${open}><summary><span class="${outcome}">${OUTCOME_MARKS[outcome]} ${outcome}</span> ${e(name)} <span class="dim">${e(facts)}</span></summary><div>${why ? `<p class="${outcome}">${e(why)}</p>` : ''}${where ? `<p class="dim">${e(where)}</p>` : ''}${table}${svg}${exchanges.map(exchangeHtml).join('')}</div></details>`
}

function exchangeHtml({ method, url, requestHeaders, status, statusMessage, responseHeaders, body, bodyBytes }: ExchangeRecord): string {
  const lines = (pairs: ExchangeRecord['requestHeaders']): string => pairs.map(([name, value]) => `${name}: ${value}`).join('\n')
  const request = `${method} ${url}\n${lines(requestHeaders)}`
  const answer = `${status} ${statusMessage}\n${lines(responseHeaders)}\n\n${body}`
  return `<h3>Sent</h3><pre>${e(request)}</pre><h3>Received <span class="dim">${bodyBytes} bytes of body</span></h3><pre>${e(answer)}</pre>`
}

function statisticsHtml(statistics: CaseStatistics): string {
  const { id, latency, statuses, errors } = statistics
  const counts = [...Object.entries(statuses), ...Object.entries(errors)].map(([what, count]) => `${what}: ${count}`).join(', ')
  return `<h3>${e(id)}</h3><p>${latency.count} answers, ${e(latencyText(latency))} (${e(counts)})</p>${latencyPlot(statistics)}`
}
