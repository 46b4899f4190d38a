import type { CheckOutcome, Verdict } from '../jwt/types.js'
import type { Palette } from './palette.js'

export interface VerdictTextOptions {
  readonly at: Date
  readonly leewaySeconds: number
  readonly keys: { readonly from: string; readonly usable: number; readonly skipped: number } | undefined
  readonly palette: Palette
}

const MARKS = { pass: '✓', fail: '✗', skip: '–' } satisfies Record<CheckOutcome, string>

/** A verdict for people: yes or no, every check with its section, and under which clock and keys. */
export function verdictText(verdict: Verdict, { at, leewaySeconds, keys, palette }: VerdictTextOptions): string {
  const colours = { pass: palette.good, fail: palette.bad, skip: palette.dim } satisfies Record<CheckOutcome, (text: string) => string>
  const width = Math.max(...verdict.checks.map(({ check }) => check.length))
  const lines = verdict.checks.map(({ check, outcome, reason, spec }) => {
    const why = outcome === 'fail' && spec ? `${reason ?? ''} (${spec})` : (reason ?? '')
    return `  ${colours[outcome](MARKS[outcome])} ${check.padEnd(width)}  ${outcome === 'fail' ? palette.bad(why) : why}`.trimEnd()
  })
  const failed = verdict.checks.filter(({ outcome }) => outcome === 'fail').length
  const headline = verdict.valid
    ? palette.good('valid')
    : palette.bad(
        failed > 0 ? `not valid: ${failed} of ${verdict.checks.length} checks failed` : 'not valid: the signature was not checked',
      )
  const skipped = keys && keys.skipped > 0 ? `, ${keys.skipped} left out` : ''
  const source = keys ? `; keys from ${keys.from} (${keys.usable} usable${skipped})` : '; key from the proof itself'
  return `${headline}\n${lines.join('\n')}\n${palette.dim(`at ${at.toISOString()}, leeway ${leewaySeconds} s${source}`)}\n`
}
