import { redactHeader } from '../../http/redact.js'
import { outcomeOf, type Assert } from './assertion.js'
import { describeActual, describeMatcher, matches, type Matcher } from './matcher.js'

/** Request fields as the upstream received them, by name; `:method` and `:path` for the request line. `null`: it received nothing of ours at all. */
export type UpstreamExpectation = Readonly<Record<string, Matcher>> | null

/** Judges what arrived behind the gateway, as an echo shows it. */
export const upstream: Assert<UpstreamExpectation> = (expected, { upstream: view, answer }) => {
  const base = { kind: 'upstream', subject: 'upstream' } as const
  if (expected === null)
    return [{ ...base, outcome: outcomeOf(view === undefined), expected: 'nothing', actual: view ? 'a request' : 'nothing' }]
  if (!view)
    return [
      { ...base, outcome: 'fail', expected: 'an answer that shows what the upstream received', actual: `${answer.status} without it` },
    ]
  return Object.entries(expected).map(([name, matcher]) => {
    const actual = name === ':method' ? view.method : name === ':path' ? view.url : view.headers[name.toLowerCase()]
    return {
      kind: 'upstream',
      subject: `upstream ${name}`,
      outcome: outcomeOf(matches(matcher, actual)),
      expected: describeMatcher(matcher),
      actual: describeActual(actual === undefined ? undefined : redactHeader(name, actual)),
    }
  })
}
