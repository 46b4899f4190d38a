import type { ProbeResult } from '../../probe/result.js'
import { markdownText } from './markdown.js'
import type { ReporterFactory } from './reporter.js'
import { countsText, remarks } from './words.js'

/** GitHub Actions: an annotation at the line of the suite for each case that did not hold, and the job summary. */
export const github: ReporterFactory = {
  keepsResults: true,
  create: ({ write, jobSummary }) => ({
    result: (result) => void (isNotable(result) && write(annotation(result))),
    finish(report) {
      for (const remark of remarks(report)) write(`::warning title=oidcgw probe::${data(remark)}\n`)
      write(`${countsText(report.counts)}\n`)
      jobSummary?.(markdownText(report))
    },
  }),
}

const isNotable = ({ outcome, known }: ProbeResult): boolean => (outcome === 'fail' || outcome === 'error') && known === undefined

function annotation({ id, outcome, message, where }: ProbeResult): string {
  const [, file, line, column] = /^(.*?):(\d+)(?::(\d+))?$/.exec(where ?? '') ?? []
  const place = [
    ['file', file],
    ['line', line],
    ['col', column],
    ['title', id],
  ] as const
  const properties = place.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${property(value)}`])).join(',')
  return `::${outcome === 'fail' ? 'error' : 'warning'} ${properties}::${data(message)}\n`
}

const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C')
