import type { ProbeReport } from '../../probe/report.js'
import type { ProbeResult } from '../../probe/result.js'
import type { Palette } from '../palette.js'

export type ReportFormat = 'pretty' | 'json' | 'jsonl' | 'junit' | 'tap' | 'markdown' | 'github' | 'html'

/** Turns a run into text. Results come in order; nothing is decided here. */
export interface Reporter {
  start?(total: number): void
  result?(result: ProbeResult): void
  finish(report: ProbeReport): void
}

export interface ReporterContext {
  readonly write: (text: string) => void
  readonly palette: Palette
  /** A terminal for a line that is written over and over; absent when stderr is none. */
  readonly progress?: (text: string) => void
  /** GitHub's job summary (Markdown is appended), when there is one. */
  readonly jobSummary?: (text: string) => void
}

export interface ReporterFactory {
  readonly create: (context: ReporterContext) => Reporter
  /** Whether `finish` needs every result again; a run that nobody keeps stays small. */
  readonly keepsResults: boolean
}
