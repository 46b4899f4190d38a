import type { Difference } from '../jwt/diff.js'
import { printable } from '../jwt/printable.js'
import type { Palette } from './palette.js'

/** How two tokens differ, for people: what matters first, then what always differs. */
export function diffText(differences: readonly Difference[], palette: Palette): string {
  const telling = differences.filter(({ weight }) => weight === 'meaning')
  const expected = differences.filter(({ weight }) => weight === 'expected')
  const width = Math.min(24, Math.max(0, ...differences.map(({ name }) => printable(name).length)))
  const signs = { added: palette.good('+'), removed: palette.bad('-'), changed: palette.warn('~') } satisfies Record<
    Difference['change'],
    string
  >
  const line = ({ change, name, meaning, part }: Difference): string =>
    `  ${signs[change]} ${palette.key(printable(name).padEnd(width))}  ${meaning}${part === 'header' ? palette.dim(' (header)') : ''}\n`
  const headline =
    telling.length === 0
      ? palette.good('the same by meaning')
      : palette.bad(`different: ${telling.length} ${telling.length === 1 ? 'member' : 'members'}`)
  const rest = expected.length === 0 ? '' : `${palette.dim('different in every token')}\n${expected.map(line).join('')}`
  return `${headline}\n${telling.map(line).join('')}${rest}`
}
