import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml'
import type { z } from 'zod'
import type { Issue } from '../errors.js'

export interface Position {
  readonly line: number
  readonly column: number
}

/** A YAML or JSON text as a value that still knows where each part of it stands. */
export interface SourceDocument {
  readonly file: string
  readonly value: unknown
  /** Syntax errors (duplicate keys among them), positions included. */
  readonly issues: readonly Issue[]
  /** 1-based position of the value at a path, or of its nearest existing ancestor; with `key`, of that key inside the mapping. */
  position(path: readonly PropertyKey[], key?: string): Position
  /** Whether the scalar at a path is written without quotes: YAML 1.1 readers take a bare `off` or `yes` for a boolean. */
  isPlain(path: readonly PropertyKey[]): boolean
}

export interface SourceOptions {
  /** Where an offset of `text` stands for the reader, when the text was made from another one. */
  readonly locate?: (offset: number) => Position
  /** Whether `<<` merges mappings, as YAML 1.1 readers do. Default false. */
  readonly merge?: boolean
  /** How often aliases may stand for their anchors, nested ones multiplied; more is an issue. Default 100. */
  readonly maxAliasCount?: number
}

/** Reads YAML 1.2 (JSON is a subset). Never throws: problems are in `issues`, and `value` is then undefined. */
export function parseSource(text: string, file: string, options: SourceOptions = {}): SourceDocument {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: options.merge ?? false })
  const byCounter = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const at = options.locate ?? byCounter
  const syntaxIssue = (message: string, offset: number): Issue => {
    return { id: 'yaml-syntax', severity: 'error', message: message.split('\n')[0] ?? 'not YAML', file, ...at(offset) }
  }
  const issues = document.errors.map((error) => syntaxIssue(error.message, error.pos[0]))
  let value: unknown
  try {
    value = issues.length > 0 ? undefined : (document.toJS({ maxAliasCount: options.maxAliasCount ?? 100 }) as unknown)
  } catch (error) {
    // an alias without its anchor, or so many aliases that they would fill the memory
    issues.push(syntaxIssue((error as Error).message, 0))
  }
  return {
    file,
    value,
    issues,
    position: (path, key) => at(offsetOf(document, path, key)),
    isPlain: (path) => {
      const node = document.getIn(path, true)
      return isScalar(node) && node.type === 'PLAIN'
    },
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  const resolve = (value: unknown): unknown => (isAlias(value) ? value.resolve(document) : value)
  for (const part of path) {
    node = resolve(node)
    const next = isMap(node) ? pairOf(node, part)?.value : isSeq(node) ? node.items[Number(part)] : undefined
    if (isMap(node)) offset = startOf(pairOf(node, part)?.key) ?? offset
    if (next === undefined || next === null) return offset
    node = next
    offset = startOf(node) ?? offset
  }
  node = resolve(node)
  return key !== undefined && isMap(node) ? (startOf(pairOf(node, key)?.key) ?? offset) : offset
}

function pairOf(node: { items: readonly { key: unknown; value: unknown }[] }, part: PropertyKey) {
  return node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(part))
}

const startOf = (node: unknown): number | undefined => (node as Node | undefined)?.range?.[0]

/** `services[0].routes[1].name` for people. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    '',
  )
}

/** Zod's issues with file, line and column; an unknown key gives one issue per key, at the key itself, with the nearest known name. */
export function locateIssues(
  source: SourceDocument,
  error: z.ZodError,
  knownKeys: (path: readonly PropertyKey[]) => readonly string[] = () => [],
): Issue[] {
  return error.issues.flatMap((issue): Issue[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const nearest = suggest(key, knownKeys(issue.path))
        return {
          id: 'unknown-field',
          severity: 'error',
          file: source.file,
          ...source.position(issue.path, key),
          path: formatPath([...issue.path, key]),
          message: 'unknown field',
          ...(nearest && { advice: `did you mean "${nearest}"?` }),
        }
      })
    }
    const where = { file: source.file, ...source.position(issue.path), path: formatPath(issue.path) }
    return [{ id: 'invalid-value', severity: 'error', message: issue.message, ...where }]
  })
}

/** The closest of some names, when it is close enough to be a slip of the finger. */
export function suggest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > 64) return undefined
  const limit = Math.max(2, Math.floor(name.length / 3))
  const begun = candidates.find((candidate) => candidate.startsWith(`${name}_`))
  if (begun !== undefined) return begun
  const scored = candidates.map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
  const best = scored.toSorted((a, b) => a.distance - b.distance)[0]
  return best && best.distance <= limit ? best.candidate : undefined
}

/** Optimal string alignment: insertions, deletions, substitutions and neighbour swaps cost one each. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1] as number[]
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1)
      row.push(best)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}
