import { closeSync, openSync, writeSync } from 'node:fs'
import { appendFile, access, constants } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import { REPORTERS } from '../../render/reporters/index.js'
import type { Reporter, ReporterContext, ReportFormat } from '../../render/reporters/reporter.js'
import { PLAIN } from '../../render/palette.js'
import type { CommandContext, SharedOptions } from '../context.js'

/** The reports of one run behind one face, and whether any of them wants every result again at the end. */
export interface OpenReports extends Required<Reporter> {
  readonly keepsResults: boolean
  /** Writes what was held back. */
  close(): Promise<void>
}

/**
 * `--report FORMAT[:PATH]`, any number; `--json` and `-o jsonl` mean those formats on stdout; `pretty` when nothing else is there.
 * @throws {OidcgwError} `ERR_USAGE` for an unknown format, two reports on stdout, or a folder that cannot be written, before anything is sent.
 */
export async function openReports(wanted: readonly string[], options: SharedOptions, context: CommandContext): Promise<OpenReports> {
  const { host, out } = context
  const targets = [...wanted.map(parseReport), ...impliedBy(options)]
  const onStdout = targets.filter(({ path }) => path === undefined)
  if (onStdout.length > 1) {
    throw new OidcgwError('ERR_USAGE', `several reports for stdout: ${onStdout.map(({ format }) => format).join(', ')}`, {
      hint: 'Give all but one a file: --report junit:report.xml',
    })
  }
  if (onStdout.length === 0) targets.push({ format: 'pretty', path: undefined })
  const summaryFile = host.env['GITHUB_STEP_SUMMARY']
  const summaries: string[] = []
  const closers: (() => Promise<void>)[] = []
  const reporters: Reporter[] = []
  const stdout = coalesce((text) => void host.stdout.write(text))
  closers.push(async () => stdout.flush())
  for (const { format, path } of targets) {
    const base: ReporterContext = {
      write: stdout.write,
      palette: out,
      ...(summaryFile && { jobSummary: (text: string) => void summaries.push(text) }),
      ...(host.stderr.isTTY && !options.quiet && { progress: (text: string) => (stdout.flush(), void host.stderr.write(text)) }),
    }
    if (path === undefined) reporters.push(REPORTERS[format].create(base))
    else {
      const file = await openFile(resolve(host.cwd, path), REPORTERS[format].keepsResults)
      closers.push(file.close)
      const { progress: _, ...quiet } = base
      reporters.push(REPORTERS[format].create({ ...quiet, write: file.write, palette: PLAIN }))
    }
  }
  if (summaryFile) closers.push(async () => void (summaries.length > 0 && (await appendFile(summaryFile, summaries.join('\n')))))
  return {
    keepsResults: targets.some(({ format }) => REPORTERS[format].keepsResults),
    start: (total) => reporters.forEach((reporter) => reporter.start?.(total)),
    result: (result) => reporters.forEach((reporter) => reporter.result?.(result)),
    finish: (report) => reporters.forEach((reporter) => reporter.finish(report)),
    close: async () => {
      for (const close of closers) await close()
    },
  }
}

/** Gathers what is written in one turn of the event loop: a pipe is written synchronously, and a thousand lines a second are a thousand waits. */
function coalesce(write: (text: string) => void): { readonly write: (text: string) => void; readonly flush: () => void } {
  let pending = ''
  const flush = (): void => {
    const text = pending
    pending = ''
    if (text !== '') write(text)
  }
  return {
    flush,
    write: (text) => {
      if (pending === '') setImmediate(flush)
      pending += text
      if (pending.length > 65_536) flush()
    },
  }
}

interface ReportTarget {
  readonly format: ReportFormat
  readonly path: string | undefined
}

function parseReport(text: string): ReportTarget {
  const at = text.indexOf(':')
  const format = at < 0 ? text : text.slice(0, at)
  const path = at < 0 ? undefined : text.slice(at + 1)
  if (!Object.hasOwn(REPORTERS, format) || path === '') {
    throw new OidcgwError('ERR_USAGE', `--report: "${text}" is no FORMAT[:PATH]`, { hint: `Formats: ${Object.keys(REPORTERS).join(', ')}` })
  }
  return { format: format as ReportFormat, path: path === '-' ? undefined : path }
}

function impliedBy({ json, output }: SharedOptions): ReportTarget[] {
  if (json || output === 'json') return [{ format: 'json', path: undefined }]
  return output === 'jsonl' ? [{ format: 'jsonl', path: undefined }] : []
}

interface ReportFile {
  readonly write: (text: string) => void
  readonly close: () => Promise<void>
}

/** A stream is written as it comes; a whole document replaces the old file at the end, or not at all. */
async function openFile(path: string, whole: boolean): Promise<ReportFile> {
  const failed = (cause: unknown): never => {
    throw new OidcgwError('ERR_USAGE', `the report ${path} cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'error'})`, {
      cause,
      hint: 'Check the path given to --report',
    })
  }
  await access(dirname(path), constants.W_OK).catch(failed)
  if (!whole) {
    let file: number
    try {
      file = openSync(path, 'w')
    } catch (cause) {
      return failed(cause)
    }
    return { write: (text) => void writeSync(file, text), close: async () => closeSync(file) }
  }
  const parts: string[] = []
  return {
    write: (text) => void parts.push(text),
    close: async () => {
      const { default: writeFileAtomic } = await import('write-file-atomic')
      if (parts.length > 0) await writeFileAtomic(path, parts.join('')).catch(failed)
    },
  }
}
