import { parseBearer } from '../../http/authorization.js'
import { decodeJwt } from '../../jwt/decode.js'
import type { DecodedJwt } from '../../jwt/types.js'
import { outcomeOf, type Assert, type AssertionResult } from './assertion.js'
import { describeActual, describeMatcher, matches, type Matcher } from './matcher.js'

export interface ForwardedTokenExpectation {
  /** The upstream request field that carries it. Default `authorization`; a scheme before the token is dropped. */
  readonly header?: string
  /** Claims by name; the token is decoded, not verified. */
  readonly claims?: Readonly<Record<string, Matcher>>
  /** Header parameters by name: `alg`, `typ`, `kid`. */
  readonly jose?: Readonly<Record<string, Matcher>>
}

/** Judges a token that the gateway passed on to the upstream. `null`: it passed none on in `authorization`. */
export const forwardedToken: Assert<ForwardedTokenExpectation | null> = (expected, { upstream }) => {
  const header = expected?.header ?? 'authorization'
  const field = upstream?.headers[header.toLowerCase()]
  const subject = `forwarded token in ${header}`
  if (expected === null) {
    return [
      {
        kind: 'forwarded_token',
        subject,
        outcome: outcomeOf(field === undefined),
        expected: 'nothing',
        actual: field === undefined ? 'nothing' : 'a credential',
      },
    ]
  }
  const token = field === undefined ? undefined : decodeQuietly(parseBearer(field) ?? field)
  if (!token) {
    const actual = field === undefined ? 'nothing' : 'something that is no JWT'
    return [{ kind: 'forwarded_token', subject, outcome: 'fail', expected: 'a JWT', actual }]
  }
  const compare = (
    what: string,
    values: Readonly<Record<string, unknown>>,
    wanted: Readonly<Record<string, Matcher>> = {},
  ): AssertionResult[] =>
    Object.entries(wanted).map(([name, matcher]) => ({
      kind: 'forwarded_token',
      subject: `forwarded token ${what} ${name}`,
      outcome: outcomeOf(matches(matcher, values[name])),
      expected: describeMatcher(matcher),
      actual: describeActual(values[name]),
    }))
  return [
    { kind: 'forwarded_token', subject, outcome: 'pass', expected: 'a JWT', actual: 'a JWT' },
    ...compare('claim', token.payload, expected.claims),
    ...compare('header', token.header, expected.jose),
  ]
}

function decodeQuietly(text: string): DecodedJwt | undefined {
  try {
    return decodeJwt(text)
  } catch {
    return undefined
  }
}
