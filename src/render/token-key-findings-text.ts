import type { Severity } from '../jwt/lint/rule.js'
import type { KeyFinding } from '../jwt/key-lint/rule.js'
import { printable } from '../jwt/printable.js'
import type { Palette } from './palette.js'

/** What is wrong with a key set, a line each, with the key it is about. */
export function keyFindingsText(findings: readonly KeyFinding[], palette: Palette): string {
  if (findings.length === 0) return `${palette.good('nothing to say')}\n`
  const colours = { error: palette.bad, warn: palette.warn, info: palette.dim, notice: palette.dim } satisfies Record<
    Severity,
    (text: string) => string
  >
  return findings
    .map(({ id, severity, message, spec, index, kid }) => {
      const which = index === undefined ? '' : `key ${index + 1}${kid === undefined ? '' : ` (${printable(kid)})`}: `
      return `${colours[severity](severity.padEnd(5))}  ${id}  ${palette.key(which)}${printable(message)} ${palette.dim(`(${spec})`)}\n`
    })
    .join('')
}
