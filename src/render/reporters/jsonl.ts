import type { ReporterFactory } from './reporter.js'

/** A line a result as it comes, then the summary. */
export const jsonl: ReporterFactory = {
  keepsResults: false,
  create: ({ write }) => ({
    result: (result) => write(`${JSON.stringify({ schema: 'oidcgw/probe-result@1', ...result })}\n`),
    finish: (report) => write(`${JSON.stringify({ schema: 'oidcgw/probe-summary@1', ...report, results: undefined })}\n`),
  }),
}
