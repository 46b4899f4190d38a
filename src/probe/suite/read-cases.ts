import { formatStatuses } from '../expect/status.js'
import { importCases, type ImportOrigin } from './import-cases.js'
import { valueAt, whereOf, type SuitePlace } from './place.js'
import { readRequest } from './read-request.js'
import { sharedFields } from './shared-fields.js'
import type { ProbeCase } from './suite.js'
import type { WrittenCase } from './case-schema.js'
import type { WrittenSuite } from './suite-schema.js'

export interface CaseGroups {
  readonly setup: readonly ProbeCase[]
  readonly cases: readonly ProbeCase[]
  readonly teardown: readonly ProbeCase[]
}

/** The cases of a suite in running order: as written, then the matrix row by row, then imports. Names become unique. */
export async function readCases(written: WrittenSuite, place: SuitePlace, origin: ImportOrigin): Promise<CaseGroups> {
  const group = (name: 'setup' | 'cases' | 'teardown'): ProbeCase[] =>
    (written[name] ?? []).flatMap((one, index) => readCase(one, written, [name, index], place) ?? [])
  const imported: ProbeCase[] = []
  for (const [index, entry] of (written.import ?? []).entries()) {
    const path = Array.isArray(valueAt(place, ['import'])) ? ['import', index] : ['import']
    imported.push(...(await importCases(entry, written, path, place, origin)))
  }
  const unique = uniqueNames()
  return {
    setup: group('setup').map(unique),
    cases: [...group('cases'), ...matrixCases(written, place), ...imported].map(unique),
    teardown: group('teardown').map(unique),
  }
}

function readCase(written: WrittenCase, suite: WrittenSuite, path: readonly PropertyKey[], place: SuitePlace): ProbeCase | undefined {
  const read = readRequest(written, suite, { ...place, at: (inner, ...rest) => place.at([...path, ...inner], ...rest) })
  if (!read) return undefined
  const shared = sharedFields(written, suite)
  const as = shared.as
  const skip = written.skip === true ? 'skipped in the suite' : written.skip || undefined
  return {
    ...shared,
    name: written.name ?? `${read.request.method} ${read.request.target} as ${as}`,
    request: read.request,
    expect: written.expect ?? {},
    capture: written.capture ?? {},
    follow: written.follow ?? suite.follow ?? read.follow,
    ...(shared.timeoutMs === undefined && read.timeoutMs !== undefined && { timeoutMs: read.timeoutMs }),
    ...(skip !== undefined && { skip }),
    only: written.only ?? false,
    control: written.control ?? false,
    where: whereOf(place, path),
  }
}

function matrixCases(suite: WrittenSuite, place: SuitePlace): ProbeCase[] {
  const isList = Array.isArray(valueAt(place, ['matrix']))
  return (suite.matrix ?? []).flatMap((matrix, number) => {
    const base = isList ? ['matrix', number] : ['matrix']
    return matrix.routes.flatMap((route, row) => {
      const [, method = 'GET', target = route] = /^([A-Z]+) +(.+)$/.exec(route) ?? []
      return matrix.as.flatMap((as, column): ProbeCase[] => {
        const path = [...base, 'expect', row, column]
        const read = readRequest({ method, path: target }, suite, {
          ...place,
          at: (_, ...rest) => place.at([...base, 'routes', row], ...rest),
        })
        const status = matrix.expect[row]?.[column]
        if (!status || !read) return []
        const shared = sharedFields({ as, ...(matrix.tags && { tags: matrix.tags }) }, suite)
        const name = `${method} ${target} as ${as}`
        const cell = { route: `${method} ${target}`, expected: formatStatuses(status) }
        const rest = { only: false, control: false, capture: {}, follow: suite.follow ?? 0, where: whereOf(place, path) }
        return [{ ...shared, ...rest, name, request: read.request, expect: { status }, cell }]
      })
    })
  })
}

function uniqueNames(): (one: ProbeCase) => ProbeCase {
  const seen = new Map<string, number>()
  return (one) => {
    const count = (seen.get(one.name) ?? 0) + 1
    seen.set(one.name, count)
    return count === 1 ? one : { ...one, name: `${one.name} (${count})` }
  }
}
