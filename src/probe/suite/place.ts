import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SourceDocument } from '../../config/document.js'
import type { Host } from '../../host.js'
import type { ReportProblem } from './problems.js'
import type { SuiteGateway } from './suite.js'

/** What suites may refer to. */
export interface SuiteContext {
  readonly host: Pick<Host, 'env'>
  readonly gateways: Readonly<Record<string, SuiteGateway>>
  readonly profiles: readonly string[]
  /** Overrides every suite's gateway (`--gateway`). */
  readonly gateway?: string
}

/** Where a suite stands. */
export interface SuitePlace {
  readonly source: SourceDocument
  readonly folder: string
  readonly path: readonly PropertyKey[]
  readonly at: ReportProblem
}

/** `oidcgw.yaml:12:7` of a path of the suite. */
export function whereOf({ source, path }: SuitePlace, inner: readonly PropertyKey[]): string {
  const { line, column } = source.position([...path, ...inner])
  return `${source.file}:${line}:${column}`
}

/** What stands at a path of the suite as written. */
export function valueAt({ source, path }: SuitePlace, inner: readonly PropertyKey[]): unknown {
  return [...path, ...inner].reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined),
    source.value,
  )
}

/** A file beside the suite, or undefined with the problem noted. */
export async function readBeside(file: string, path: readonly PropertyKey[], { folder, at }: SuitePlace): Promise<string | undefined> {
  return readFile(resolve(folder, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    at(path, 'file-missing', `${file} cannot be read (${error.code ?? 'error'})`)
    return undefined
  })
}
