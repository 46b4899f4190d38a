import { formatPath, type SourceDocument } from '../../config/document.js'
import type { Issue } from '../../errors.js'

type Trail = readonly PropertyKey[]

/** A spot in a document: what is read there says where it stands. */
export interface Place {
  readonly source: SourceDocument
  readonly path: Trail
  /** Where a member really stands when its value came from elsewhere: a shared configuration, a partial, an older name. */
  readonly elsewhere?: (trail: Trail) => { readonly source: SourceDocument; readonly path: Trail } | undefined
}

export const within = (place: Place, ...parts: PropertyKey[]): Place => ({ source: place.source, path: [...place.path, ...parts] })

interface Finding {
  readonly id: string
  readonly severity: Issue['severity']
  readonly message: string
  readonly advice?: string | undefined
  /** Points at this key inside the mapping rather than at a value. */
  readonly key?: string
}

/** Collects issues; positions are worked out here, so that a document without any costs nothing. */
export interface Report {
  readonly issues: Issue[]
  add(place: Place, trail: Trail, finding: Finding): void
}

/** @param hide takes text that came from the environment out of messages. */
export function createReport(hide: (text: string) => string): Report {
  const issues: Issue[] = []
  return {
    issues,
    add(place, trail, { key, id, severity, message, advice }) {
      const full = key === undefined ? trail : [...trail, key]
      const real = place.elsewhere?.(full)
      const path = [...place.path, ...full]
      const position = real
        ? real.source.position(
            key === undefined ? real.path : real.path.slice(0, -1),
            key === undefined ? undefined : String(real.path.at(-1)),
          )
        : key === undefined
          ? place.source.position(path)
          : place.source.position(path.slice(0, -1), key)
      issues.push({
        id,
        severity,
        message: hide(message),
        file: (real ?? place).source.file,
        ...position,
        ...(path.length > 0 && { path: hide(formatPath(path)) }),
        ...(advice !== undefined && { advice: hide(advice) }),
      })
    },
  }
}
