import { z } from 'zod'
import { locateIssues, parseSource } from '../../config/document.js'
import { DocumentError } from '../../errors.js'
import type { ProbeResult } from '../result.js'

/** Failures that are known and waited for, by case id. An entry that no longer fails is stale, and that fails the run. */
export class Baseline {
  readonly #reasons: ReadonlyMap<string, string>
  readonly #seen = new Map<string, 'failed' | 'passed' | 'unclear'>()

  constructor(reasons: ReadonlyMap<string, string> = new Map()) {
    this.#reasons = reasons
  }

  /** The result as it counts: a known failure says so. */
  apply(result: ProbeResult, id: string): ProbeResult {
    const reason = this.#reasons.get(id)
    if (reason === undefined || result.outcome === 'skip') return result
    const before = this.#seen.get(id)
    const now = result.outcome === 'fail' ? 'failed' : result.outcome === 'pass' ? 'passed' : 'unclear'
    this.#seen.set(id, before === undefined || before === 'passed' ? now : before)
    return result.outcome === 'fail' ? { ...result, known: reason } : result
  }

  /** Entries whose case passed, and those of no case at all. Cases that did not run are left alone. */
  stale(existing: ReadonlySet<string>): string[] {
    return [...this.#reasons.keys()].filter((id) => !existing.has(id) || this.#seen.get(id) === 'passed')
  }
}

const Schema = z.strictObject({
  version: z.literal(1).optional(),
  known: z.array(z.strictObject({ case: z.string().min(1), because: z.string().min(1, 'say why, for the next reader') })),
})

/** Reads `known: [{ case: "suite › case", because: … }]`. @throws {DocumentError} with file, line and column. */
export function readBaseline(text: string, file: string): Baseline {
  const source = parseSource(text, file)
  if (source.issues.length > 0) throw new DocumentError(source.issues)
  const parsed = Schema.safeParse(source.value)
  if (!parsed.success)
    throw new DocumentError(locateIssues(source, parsed.error, (path) => (path.length === 0 ? ['version', 'known'] : ['case', 'because'])))
  return new Baseline(new Map(parsed.data.known.map(({ case: id, because }) => [id, because])))
}
