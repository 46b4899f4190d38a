import type { ReporterFactory } from './reporter.js'

/** A line a result as it comes, then the summary. */
export const jsonl: ReporterFactory = {
  keepsResults: false,
  create: ({ write }) => ({
    // Put in front as text: copying each result to add one member takes longer than writing it.
    result: (result) => write(`{"schema":"oidcgw/probe-result/v1",${JSON.stringify(result).slice(1)}\n`),
    finish: (report) => write(`${JSON.stringify({ schema: 'oidcgw/probe-summary/v1', ...report, results: undefined })}\n`),
  }),
}
