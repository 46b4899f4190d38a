import { redactHeader } from '../../http/redact.js'
import { headerText } from '../request.js'
import type { Assert } from './assertion.js'
import { describeActual, describeMatcher, matches, type Matcher } from './matcher.js'

export type HeadersExpectation = Readonly<Record<string, Matcher>>

/** Response fields by name; repeated ones are one text, joined by `, `. `null` means the field must not be there. */
export const headers: Assert<HeadersExpectation> = (expected, { answer }) =>
  Object.entries(expected).map(([name, matcher]) => {
    const actual = headerText(answer.headers, name)
    return {
      kind: 'headers',
      subject: `header ${name}`,
      outcome: matches(matcher, actual) ? 'pass' : 'fail',
      expected: describeMatcher(matcher),
      actual: describeActual(actual === undefined ? undefined : redactHeader(name, actual)),
    }
  })
