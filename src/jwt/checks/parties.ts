import type { JsonValue } from '../types.js'
import { showValue } from '../printable.js'
import { fail, pass, skip, type Check } from './check.js'

/** The issuer compares as a string, exactly: no trailing slash, case or default port is forgiven (RFC 9068 §4, OIDC Core §3.1.3.7). */
export const iss: Check = ({ jwt: { payload }, options: { issuer } }) => {
  const spec = 'RFC 7519 §4.1.1'
  const actual = payload['iss']
  if (issuer === undefined) return skip('iss', spec, 'none expected')
  const expected = typeof issuer === 'string' ? [issuer] : issuer
  return typeof actual === 'string' && expected.includes(actual)
    ? pass('iss', spec, actual)
    : fail('iss', spec, 'token_wrong_issuer', `expected ${expected.join(' or ')}, got ${showValue(actual)}`)
}

/** One of the expected audiences must be among the token's; a lone `aud` may be a bare string. */
export const aud: Check = ({ jwt: { payload }, options: { audience, stopEarly } }) => {
  const spec = 'RFC 7519 §4.1.3'
  if (audience === undefined) return skip('aud', spec, 'none expected')
  const expected = typeof audience === 'string' ? [audience] : audience
  const actual = audiences(payload['aud'])
  return actual?.some((name) => expected.includes(name))
    ? pass('aud', spec, () => actual.join(', '), stopEarly)
    : fail('aud', spec, 'audience_missing', `expected ${expected.join(' or ')}, got ${showValue(payload['aud'])}`)
}

/** The audiences of a token; undefined when `aud` is neither a string nor a list of strings. */
export function audiences(aud: JsonValue | undefined): readonly string[] | undefined {
  if (typeof aud === 'string') return [aud]
  return Array.isArray(aud) && aud.every((name) => typeof name === 'string') ? (aud as readonly string[]) : undefined
}
