import { formatIssue, type Issue } from '../errors.js'
import type { Palette } from './palette.js'

/** Findings for people: where, how grave, which rule, what, and what to do; then how many there are. */
export function formatFindings(issues: readonly Issue[], files: readonly string[], palette: Palette): string {
  const look = { error: palette.bad, warning: palette.warn, info: palette.dim }
  const lines = issues.map((issue) => {
    const { severity, id } = issue
    return `${formatIssue(issue).replace('  ', `  ${look[severity](severity)} ${palette.strong(id)}  `)}\n`
  })
  return `${lines.join('')}${summarize(issues, files)}\n`
}

function summarize(issues: readonly Issue[], files: readonly string[]): string {
  const where = files.join(', ')
  if (issues.length === 0) return `${where}: nothing found`
  const count = (severity: Issue['severity'], one: string, many: string): string[] => {
    const number = issues.filter((issue) => issue.severity === severity).length
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`]
  }
  return `${where}: ${[...count('error', 'error', 'errors'), ...count('warning', 'warning', 'warnings'), ...count('info', 'note', 'notes')].join(', ')}`
}

const COMMANDS = { error: 'error', warning: 'warning', info: 'notice' } as const

/** Workflow commands of GitHub Actions, one finding each. */
export function formatGithub(issues: readonly Issue[]): string {
  const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return issues
    .map(({ severity, id, file, line, column, path, message, advice }) => {
      const where = [
        `file=${property(file)}`,
        ...(line === undefined ? [] : [`line=${line}`]),
        ...(column === undefined ? [] : [`col=${column}`]),
        `title=${property(id)}`,
      ]
      const text = `${path ? `${path}: ` : ''}${message}${advice ? ` (${advice})` : ''}`
      return `::${COMMANDS[severity]} ${where.join(',')}::${data(text)}\n`
    })
    .join('')
}

export interface RuleText {
  readonly id: string
  readonly severity: Issue['severity']
  readonly advice: string
}

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const

/** SARIF 2.1.0, for code scanning. Rules that found something are listed, with their advice where one is the same for all findings. */
export function formatSarif(issues: readonly Issue[], known: readonly RuleText[], version: string): string {
  const ids = [...new Set(issues.map(({ id }) => id))]
  const rules = ids.map((id) => {
    const rule = known.find((candidate) => candidate.id === id)
    const severity = rule?.severity ?? issues.find((issue) => issue.id === id)?.severity ?? 'warning'
    return {
      id,
      shortDescription: { text: id.replaceAll('-', ' ') },
      ...(rule && { help: { text: rule.advice } }),
      defaultConfiguration: { level: LEVELS[severity] },
    }
  })
  const results = issues.map(({ id, severity, file, line, column, path, message, advice }) => ({
    ruleId: id,
    ruleIndex: ids.indexOf(id),
    level: LEVELS[severity],
    message: { text: `${path ? `${path}: ` : ''}${message}${advice ? ` (${advice})` : ''}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(file.replaceAll('\\', '/')) },
          ...(line !== undefined && { region: { startLine: line, ...(column !== undefined && { startColumn: column }) } }),
        },
      },
    ],
  }))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'oidcgw', version, rules } }, columnKind: 'utf16CodeUnits', results }],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}
