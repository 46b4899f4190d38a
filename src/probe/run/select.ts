import { OidcgwError } from '../../errors.js'
import type { ProbeCase, ProbeSuite } from '../suite/suite.js'
import { neededCaptures } from './prepare.js'

export interface Selection {
  /** Texts found in `suite › case` (any case), `/regex/`, or `@tag`. Any of them suffices. */
  readonly only?: readonly string[]
  /** The same; wins over `only`. */
  readonly skip?: readonly string[]
}

export const caseId = (suite: string, name: string): string => `${suite} › ${name}`

/** The suites with the selected cases, and those that capture what they need. A suite without any loses setup and teardown too. */
export function select(suites: readonly ProbeSuite[], { only = [], skip = [] }: Selection): ProbeSuite[] {
  const wanted = only.map(matcherOf)
  const unwanted = skip.map(matcherOf)
  return suites.flatMap((suite) => {
    const hasOnly = suite.cases.some((one) => one.only)
    const chosen = suite.cases.filter((one) => {
      const id = caseId(suite.name, one.name)
      if (unwanted.some((matches) => matches(id, one.tags))) return false
      if (wanted.length > 0) return wanted.some((matches) => matches(id, one.tags))
      return !hasOnly || one.only
    })
    return chosen.length === 0 ? [] : [{ ...suite, cases: withProducers(suite.cases, chosen) }]
  })
}

function withProducers(all: readonly ProbeCase[], chosen: readonly ProbeCase[]): ProbeCase[] {
  const kept = new Set(chosen)
  for (const one of all.toReversed()) {
    const needed = [...kept].flatMap(neededCaptures)
    if (Object.keys(one.capture).some((name) => needed.includes(name))) kept.add(one)
  }
  return all.filter((one) => kept.has(one))
}

function matcherOf(text: string): (id: string, tags: readonly string[]) => boolean {
  if (text.startsWith('@')) return (_, tags) => tags.includes(text.slice(1))
  const expression = /^\/(.+)\/(i?)$/.exec(text)
  if (expression) {
    try {
      const pattern = new RegExp(expression[1] ?? '', expression[2])
      return (id) => pattern.test(id)
    } catch (cause) {
      throw new OidcgwError('ERR_USAGE', `${text} is no regular expression`, { cause })
    }
  }
  const lower = text.toLowerCase()
  return (id) => id.toLowerCase().includes(lower)
}
