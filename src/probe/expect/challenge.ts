import { parseChallenges, type Challenge } from '../../http/challenge.js'
import { headerValues } from '../request.js'
import { outcomeOf, type Assert, type AssertionResult } from './assertion.js'
import { describeActual, describeMatcher, matches, type Matcher } from './matcher.js'

/** One challenge: its scheme (any case) and parameters by name. `null`: none at all. */
export type ChallengeExpectation = { readonly scheme?: Matcher } & Readonly<Record<string, Matcher>>

/** Judges `WWW-Authenticate` as parsed (RFC 9110 §11.6.1). Of several challenges the one of the expected scheme is looked at, else the first. */
export const challenge: Assert<ChallengeExpectation | null> = (expected, { answer }) => {
  const challenges = parseChallenges(headerValues(answer.headers, 'www-authenticate'))
  if (expected === null) {
    const actual = challenges.map(({ scheme }) => scheme).join(', ')
    return [
      { kind: 'challenge', subject: 'challenge', outcome: outcomeOf(actual === ''), expected: 'nothing', actual: actual || 'nothing' },
    ]
  }
  const { scheme = { present: true }, ...parameters } = expected
  const found = challenges.find((candidate) => matchesScheme(scheme, candidate)) ?? challenges[0]
  const schemeResult: AssertionResult = {
    kind: 'challenge',
    subject: 'challenge scheme',
    outcome: outcomeOf(found !== undefined && matchesScheme(scheme, found)),
    expected: describeMatcher(scheme),
    actual: describeActual(found?.scheme),
  }
  const rest = Object.entries(parameters).map(([name, matcher]): AssertionResult => {
    const actual = found?.parameters[name.toLowerCase()]
    return {
      kind: 'challenge',
      subject: `challenge ${name}`,
      outcome: outcomeOf(matches(matcher, actual)),
      expected: describeMatcher(matcher),
      actual: describeActual(actual),
    }
  })
  return [schemeResult, ...rest]
}

const matchesScheme = (matcher: Matcher, { scheme }: Challenge): boolean =>
  typeof matcher === 'string' ? matcher.toLowerCase() === scheme.toLowerCase() : matches(matcher, scheme)
