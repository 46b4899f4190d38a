import type { Position } from '../../config/document.js'
import type { Issue } from '../../errors.js'
import { evaluate } from './template.js'

/** A text after `${{ … }}` was replaced, and the way back to where each part stood. */
export interface Substituted {
  readonly text: string
  readonly issues: readonly Issue[]
  /** Position in the *original* text of an offset in the new one. */
  readonly locate: (offset: number) => Position
  /** What was put in, longest first: it may be secret. */
  readonly values: readonly { readonly name: string; readonly value: string }[]
}

/** A piece that was put in: where it begins in the new text, how long it is there, where it stood and how long it was. */
interface Piece {
  readonly start: number
  readonly length: number
  readonly from: number
  readonly fromLength: number
}

const PLACEHOLDER = /\$\{\{(-\s)?([\s\S]*?)(\s-)?\}\}/g
const PREFIX = 'DECK_'

/**
 * Replaces `${{ env "DECK_NAME" }}` (with `toBool`, `toInt`, `toFloat`, `indent`) in a document's text, as decK does before it reads YAML.
 * Comment lines are left alone. A missing variable or a name without the prefix is an issue at its line and column.
 */
export function substitute(text: string, file: string, env: Readonly<Record<string, string | undefined>>): Substituted {
  const locateOriginal = createLocator(text)
  if (!text.includes('${{')) return { text, issues: [], locate: locateOriginal, values: [] }
  const issues: Issue[] = []
  const pieces: Piece[] = []
  const values: { name: string; value: string }[] = []
  let result = ''
  let done = 0
  for (const match of text.matchAll(PLACEHOLDER)) {
    const whole = match[0]
    if (isComment(text, match.index)) continue
    const problem = (id: string, message: string, advice: string) =>
      issues.push({ id, severity: 'error', message, advice, file, ...locateOriginal(match.index) })
    const lookUp = (name: string): string => {
      if (!name.startsWith(PREFIX)) {
        problem(
          'env-prefix',
          `${name} may not be used here: only variables that begin with ${PREFIX} are read`,
          `rename it to ${PREFIX}${name}`,
        )
        return ''
      }
      const value = env[name]
      if (value === undefined) problem('env-not-set', `the environment variable ${name} is not set`, `set ${name} before loading the file`)
      else if (value !== '') values.push({ name, value })
      return value ?? ''
    }
    const evaluated = evaluate(match[2] ?? '', lookUp)
    if (evaluated.problem !== undefined)
      problem('env-template', evaluated.problem, 'write ${{ env "DECK_NAME" }}, with | toInt, | toBool, | toFloat or | indent 2')
    const before = text.slice(done, match.index)
    result += match[1] === undefined ? before : before.trimEnd()
    done = match.index + whole.length
    if (match[3] !== undefined) done = text.length - text.slice(done).trimStart().length
    pieces.push({ start: result.length, length: evaluated.text.length, from: match.index, fromLength: done - match.index })
    result += evaluated.text
  }
  result += text.slice(done)
  return {
    text: result,
    issues,
    locate: (offset) => locateOriginal(originalOffset(pieces, offset)),
    values: values.toSorted((a, b) => b.value.length - a.value.length),
  }
}

const isComment = (text: string, offset: number): boolean => /^\s*#/.test(text.slice(text.lastIndexOf('\n', offset) + 1, offset))

function originalOffset(pieces: readonly Piece[], offset: number): number {
  let low = 0
  let high = pieces.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((pieces[middle] as Piece).start <= offset) low = middle + 1
    else high = middle
  }
  const piece = pieces[low - 1]
  if (piece === undefined) return offset
  const past = offset - piece.start
  return past < piece.length ? piece.from : piece.from + piece.fromLength + (past - piece.length)
}

/** Line and column of an offset; the table of line starts is made on the first question. */
function createLocator(text: string): (offset: number) => Position {
  let starts: number[] | undefined
  return (offset) => {
    if (starts === undefined) {
      starts = [0]
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    }
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] as number) <= offset) low = middle + 1
      else high = middle
    }
    return { line: low, column: offset - (starts[low - 1] as number) + 1 }
  }
}
