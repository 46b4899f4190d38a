import type { Check, CheckContext } from './check.js'
import { fail, pass, skip } from './check.js'
import { kind, required } from './claims.js'
import { halfHash } from './half-hash.js'
import { audiences } from './parties.js'
import { showValue } from '../printable.js'
import { numericDate } from './time.js'
import type { CheckResult } from '../types.js'

const CORE = 'OIDC Core §3.1.3.7'

/** ID tokens (OIDC Core §2, §3.1.3.7). */
export const ID = {
  kind: kind('RFC 8725 §3.12', ['jwt', 'id+jwt'], ['events'], 'an ID token'),
  claims: required('OIDC Core §2', 'iss', 'sub', 'aud', 'exp', 'iat'),
  client: ({ jwt: { payload }, options: { clientId } }) => {
    if (clientId === undefined) return skip('client', CORE, 'no client named')
    return audiences(payload['aud'])?.includes(clientId)
      ? pass('client', CORE)
      : fail('client', CORE, 'audience_missing', `expected client ${clientId} in aud, got ${showValue(payload['aud'])}`)
  },
  azp: ({ jwt: { payload }, options: { clientId } }) => {
    const { azp } = payload
    const several = (audiences(payload['aud'])?.length ?? 0) > 1
    if (azp === undefined)
      return several
        ? fail('azp', CORE, 'token_invalid', 'azp is missing although there are several audiences')
        : skip('azp', CORE, 'the token has none')
    if (clientId === undefined) return skip('azp', CORE, 'no client named')
    return azp === clientId ? pass('azp', CORE) : fail('azp', CORE, 'token_invalid', `expected ${clientId}, got ${showValue(azp)}`)
  },
  nonce: ({ jwt: { payload }, options: { nonce } }) => {
    if (nonce === undefined) return skip('nonce', CORE, 'none expected')
    if (payload['nonce'] === undefined) return fail('nonce', CORE, 'nonce_mismatch', 'nonce is missing')
    return payload['nonce'] === nonce ? pass('nonce', CORE) : fail('nonce', CORE, 'nonce_mismatch', 'it is not the one that was sent')
  },
  at_hash: (context) => hashCheck('at_hash', 'OIDC Core §3.1.3.6', context, context.options.accessToken, 'access token'),
  c_hash: (context) => hashCheck('c_hash', 'OIDC Core §3.3.2.11', context, context.options.authorizationCode, 'code'),
  auth_time: ({ jwt: { payload }, options, nowSeconds, leewaySeconds }) => {
    const spec = 'OIDC Core §3.1.2.1'
    if (options.maxAuthAgeSeconds === undefined) return skip('auth_time', spec, 'no max_age')
    const at = numericDate(payload['auth_time'], options.lenientTimes)
    if (at === undefined) return fail('auth_time', spec, 'token_invalid', 'auth_time is missing although max_age was asked for')
    const age = Math.floor(nowSeconds - at)
    return nowSeconds - at <= options.maxAuthAgeSeconds + leewaySeconds
      ? pass('auth_time', spec)
      : fail('auth_time', spec, 'token_expired', `signed in ${age} s ago, more than the ${options.maxAuthAgeSeconds} s allowed`)
  },
} satisfies Record<string, Check>

/** A hash in the token must fit the value that came with it; a value without a hash proves nothing, and in the code flow may lack one. */
function hashCheck(name: string, spec: string, { jwt, fitting }: CheckContext, value: string | undefined, what: string): CheckResult {
  const actual = jwt.payload[name]
  if (actual === undefined) return skip(name, spec, 'the token has none')
  if (value === undefined) return skip(name, spec, `no ${what} given to compare`)
  const ed448 = fitting.some(({ key }) => key.asymmetricKeyType === 'ed448')
  const expected = halfHash(jwt.header['alg'], value, ed448)
  if (expected === undefined) return skip(name, spec, 'this alg has no hash')
  return actual === expected ? pass(name, spec) : fail(name, spec, 'token_invalid', `it does not fit the ${what}`)
}
