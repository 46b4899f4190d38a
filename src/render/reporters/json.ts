import type { ReporterFactory } from './reporter.js'

/** One document with everything, when the run is over. */
export const json: ReporterFactory = {
  keepsResults: true,
  create: ({ write }) => ({ finish: (report) => write(`${JSON.stringify({ schema: 'oidcgw/probe-report/v1', ...report }, null, 2)}\n`) }),
}
