import { MASKED } from '../../http/redact.js'
import { headerValues } from '../request.js'
import { parseSetCookie } from '../set-cookie.js'
import { outcomeOf, type Assert, type AssertionResult } from './assertion.js'
import { describeActual, describeMatcher, matches, type Matcher } from './matcher.js'

/** A cookie that must be set, with these attributes; `null`: must not be set. */
export type CookieExpectation = null | {
  readonly value?: Matcher
  readonly http_only?: boolean
  readonly secure?: boolean
  readonly same_site?: Matcher
  readonly path?: Matcher
  readonly domain?: Matcher
  readonly max_age?: Matcher
  readonly expires?: Matcher
}

/** Cookies by name, `*` at the end matching any rest. The last `Set-Cookie` of a name is the one that counts. */
export type CookiesExpectation = Readonly<Record<string, CookieExpectation>>

const TEXT_ATTRIBUTES = { same_site: 'samesite', path: 'path', domain: 'domain', max_age: 'max-age', expires: 'expires' } as const
const FLAGS = { http_only: 'httponly', secure: 'secure' } as const

export const cookies: Assert<CookiesExpectation> = (expected, { answer }) => {
  const set = headerValues(answer.headers, 'set-cookie').flatMap((field) => parseSetCookie(field) ?? [])
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const found = set.findLast((cookie) => (name.endsWith('*') ? cookie.name.startsWith(name.slice(0, -1)) : cookie.name === name))
    const result = (what: string, holds: boolean, described: string, actual: string): AssertionResult => {
      return { kind: 'cookies', subject: `cookie ${name}${what}`, outcome: outcomeOf(holds), expected: described, actual }
    }
    if (wanted === null) return [result('', found === undefined, 'nothing', found ? 'a cookie' : 'nothing')]
    if (!found) return [result('', false, 'a cookie', 'nothing')]
    const results = [result('', true, 'a cookie', 'a cookie')]
    if (wanted.value !== undefined) {
      results.push(result(' value', matches(wanted.value, found.value), describeMatcher(wanted.value), MASKED))
    }
    for (const [field, attribute] of Object.entries(FLAGS)) {
      const flag = wanted[field as keyof typeof FLAGS]
      if (flag === undefined) continue
      const is = attribute in found.attributes
      results.push(result(` ${attribute}`, is === flag, flag ? 'set' : 'not set', is ? 'set' : 'not set'))
    }
    for (const [field, attribute] of Object.entries(TEXT_ATTRIBUTES)) {
      const matcher = wanted[field as keyof typeof TEXT_ATTRIBUTES]
      if (matcher === undefined) continue
      const actual = found.attributes[attribute]
      results.push(result(` ${attribute}`, matches(matcher, actual), describeMatcher(matcher), describeActual(actual)))
    }
    return results
  })
}
