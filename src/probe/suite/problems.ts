import { formatPath, type SourceDocument } from '../../config/document.js'
import { DocumentError, type Issue } from '../../errors.js'

/** Notes a problem at a path inside one part of a document. */
export type ReportProblem = (path: readonly PropertyKey[], id: string, message: string, advice?: string) => void

/** Everything wrong with the suites, gathered before anything is said. */
export class Problems {
  readonly #issues: Issue[] = []

  add(...issues: readonly Issue[]): void {
    this.#issues.push(...issues)
  }

  within(source: SourceDocument, base: readonly PropertyKey[]): ReportProblem {
    return (path, id, message, advice) => {
      const whole = [...base, ...path]
      const where = { file: source.file, ...source.position(whole), path: formatPath(whole) }
      this.#issues.push({ id, severity: 'error', message, ...where, ...(advice !== undefined && { advice }) })
    }
  }

  /** @throws {DocumentError} with all of them, in the order of the files. */
  throwIfAny(): void {
    if (this.#issues.length === 0) return
    throw new DocumentError(
      this.#issues.toSorted((a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
    )
  }
}
