import { isSecretParameter, MASKED, redactText } from '../../http/redact.js'
import { headerText, type ProbeAnswer } from '../request.js'
import { outcomeOf, type Assert, type AssertionResult, type Hop } from './assertion.js'
import { describeActual, describeMatcher, matches, type Matcher } from './matcher.js'

export interface RedirectExpectation {
  /** `Location` without query and fragment; a relative one is resolved against the request. */
  readonly to?: Matcher
  /** `Location` as sent. */
  readonly location?: Matcher
  /** Query (and, for the implicit flow, fragment) parameters: `response_type`, `code_challenge_method`, `state`, `redirect_uri`, … */
  readonly parameters?: Readonly<Record<string, Matcher>>
  /** Each of these words must be in the `scope` parameter. */
  readonly scope?: readonly string[]
}

/** Judges where the answer sends the browser. */
export const redirect: Assert<RedirectExpectation | null> = (expected, { answer, hops }) => {
  const base = hops.at(-1)?.request
  const location = headerText(answer.headers, 'location')
  const found = redirectOf(answer, base ? base.origin + base.path : undefined)
  if (expected === null) return [result('redirect', location === undefined, 'nothing', describeActual(location))]
  if (!found || location === undefined) return [result('redirect', false, 'a redirect', `${answer.status} without a usable Location`)]
  const parameters = new URLSearchParams([...found.searchParams, ...new URLSearchParams(found.hash.slice(1))])
  const results: AssertionResult[] = []
  if (expected.to !== undefined) {
    const to = found.origin + found.pathname
    results.push(result('redirect to', matches(expected.to, to), describeMatcher(expected.to), describeActual(to)))
  }
  if (expected.location !== undefined) {
    results.push(
      result(
        'redirect location',
        matches(expected.location, location),
        describeMatcher(expected.location),
        describeActual(redactText(location)),
      ),
    )
  }
  for (const [name, matcher] of Object.entries(expected.parameters ?? {})) {
    const all = parameters.getAll(name)
    // A parameter that comes twice is refused by providers (RFC 6749 §3.1), so it never equals one value.
    const actual = all.length > 1 ? all : all[0]
    const shown = actual !== undefined && isSecretParameter(name) ? MASKED : describeActual(actual)
    results.push(result(`redirect parameter ${name}`, matches(matcher, actual), describeMatcher(matcher), shown))
  }
  const words = (parameters.get('scope') ?? '').split(' ')
  for (const word of expected.scope ?? []) {
    results.push(
      result(
        'redirect scope',
        words.includes(word),
        `something containing "${word}"`,
        describeActual(parameters.get('scope') ?? undefined),
      ),
    )
  }
  return results
}

export interface HopExpectation {
  readonly status?: Matcher
  /** Of that answer's `Location`. */
  readonly location?: Matcher
  /** The URL that was asked. */
  readonly url?: Matcher
}

/** Judges a followed chain hop by hop, the first request included. The number of hops is part of it. */
export const hops: Assert<readonly HopExpectation[]> = (expected, observation) => {
  const count: AssertionResult = {
    kind: 'hops',
    subject: 'number of hops',
    outcome: outcomeOf(expected.length === observation.hops.length),
    expected: String(expected.length),
    actual: String(observation.hops.length),
  }
  return [count, ...expected.flatMap((wanted, index) => hopResults(wanted, observation.hops[index], index + 1))]
}

function hopResults(wanted: HopExpectation, hop: Hop | undefined, number: number): AssertionResult[] {
  const actual = {
    status: hop?.answer.status,
    location: hop && headerText(hop.answer.headers, 'location'),
    url: hop && hop.request.origin + hop.request.path,
  }
  return (['status', 'location', 'url'] as const).flatMap((field) => {
    const matcher = wanted[field]
    if (matcher === undefined) return []
    const value = actual[field]
    return [
      {
        kind: 'hops',
        subject: `hop ${number} ${field}`,
        outcome: outcomeOf(matches(matcher, value)),
        expected: describeMatcher(matcher),
        actual: describeActual(typeof value === 'string' ? redactText(value) : value),
      },
    ]
  })
}

/** The answer's `Location` as a URL, when it is a redirect with a usable one. */
export function redirectOf({ status, headers }: ProbeAnswer, base: string | undefined): URL | undefined {
  if (status < 300 || status > 399) return undefined
  const location = headerText(headers, 'location')
  return location !== undefined && URL.canParse(location, base) ? new URL(location, base) : undefined
}

const result = (subject: string, holds: boolean, expected: string, actual: string): AssertionResult => {
  return { kind: 'redirect', subject, outcome: outcomeOf(holds), expected, actual }
}
