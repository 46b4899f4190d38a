import type { ProbeResult } from '../../probe/result.js'
import { stripIllegalXml } from '../escape-xml.js'
import type { ReporterFactory } from './reporter.js'
import { countsText, remarks } from './words.js'

/** TAP 14, a line a case as it comes. A known failure is a TODO; not being able to tell is a failure, since a consumer knows no third way. */
export const tap: ReporterFactory = {
  keepsResults: false,
  create: ({ write }) => ({
    start: (total) => write(`TAP version 14\n1..${total}\n`),
    result: (result) => write(pointText(result)),
    finish: (report) => write([countsText(report.counts), ...remarks(report)].map((line) => `# ${oneLine(line)}\n`).join('')),
  }),
}

function pointText(result: ProbeResult): string {
  const { outcome, index, id, message, known } = result
  const directive = outcome === 'skip' ? ` # SKIP ${oneLine(message)}` : known === undefined ? '' : ` # TODO ${oneLine(known)}`
  const ok = outcome === 'pass' || outcome === 'skip' ? 'ok' : 'not ok'
  const line = `${ok} ${index + 1} - ${oneLine(id)}${directive}\n`
  if (outcome !== 'fail' && outcome !== 'error') return line
  const facts = {
    severity: outcome,
    message,
    ...(result.error && { code: result.error.code }),
    ...(result.where !== undefined && { at: result.where }),
    ...(result.status !== undefined && { status: result.status }),
  }
  // JSON strings are YAML strings.
  return `${line}  ---\n${Object.entries(facts)
    .map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`)
    .join('')}  ...\n`
}

/** `#` and `\` would start a directive or an escape. */
const oneLine = (text: string): string =>
  stripIllegalXml(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\#]/g, String.raw`\$&`)
