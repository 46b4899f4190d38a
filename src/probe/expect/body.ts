import { parseJson } from '../echo.js'
import type { JsonQuery } from '../json-path.js'
import { outcomeOf, type Assert, type AssertionResult } from './assertion.js'
import { describeActual, describeMatcher, matches, type Matcher } from './matcher.js'

export interface BodyExpectation {
  /** The whole body as UTF-8 text. */
  readonly text?: Matcher
  /** What JSONPath queries find (RFC 9535): one result is compared as it is, several as a list, none is *nothing*. */
  readonly json?: readonly { readonly query: JsonQuery; readonly matcher: Matcher }[]
  /** Problems of the body under a JSON Schema (2020-12), empty when it fits. */
  readonly schema?: (body: unknown) => readonly string[]
}

export const body: Assert<BodyExpectation> = ({ text, json = [], schema }, { answer }) => {
  const results: AssertionResult[] = []
  if (text !== undefined) {
    const actual = answer.body.toString('utf8')
    results.push({
      kind: 'body',
      subject: 'body',
      outcome: outcomeOf(matches(text, actual)),
      expected: describeMatcher(text),
      actual: describeActual(actual),
    })
  }
  if (json.length === 0 && !schema) return results
  const document = parseJson(answer.body)
  if (document === undefined) {
    return [
      ...results,
      { kind: 'body', subject: 'body', outcome: 'fail', expected: 'JSON', actual: describeActual(answer.body.toString('utf8')) },
    ]
  }
  for (const { query, matcher } of json) {
    const found = query.find(document)
    const actual = found.length > 1 ? found : found[0]
    results.push({
      kind: 'body',
      subject: `body ${query.text}`,
      outcome: outcomeOf(matches(matcher, actual)),
      expected: describeMatcher(matcher),
      actual: describeActual(actual),
    })
  }
  if (schema) {
    const problems = schema(document)
    results.push({
      kind: 'body',
      subject: 'body',
      outcome: outcomeOf(problems.length === 0),
      expected: 'a body that fits the schema',
      actual: problems.length === 0 ? 'one' : problems.slice(0, 5).join('; '),
    })
  }
  return results
}
