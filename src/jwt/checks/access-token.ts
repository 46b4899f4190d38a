import type { Check } from './check.js'
import { fail, pass } from './check.js'
import { required } from './claims.js'
import { typ } from './header.js'

/** What only an ID token carries; its presence says that the wrong one of the two was sent. */
const ID_TOKEN_MARKS: readonly string[] = ['nonce', 'at_hash', 'c_hash', 's_hash']

/** JWT access tokens (RFC 9068 §2.1, §2.2, §4). */
export const ACCESS = {
  /** `at+jwt` is required: it is what keeps an ID token from passing (§4 step 1). */
  at_jwt: (context) => ({ ...typ({ ...context, options: { ...context.options, typ: context.options.typ ?? 'at+jwt' } }), check: 'at+jwt' }),
  claims: required('RFC 9068 §2.2', 'iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'),
  kind: ({ jwt: { payload } }) => {
    const spec = 'RFC 9068 §5'
    const mark = ID_TOKEN_MARKS.find((name) => payload[name] !== undefined)
    return mark === undefined ? pass('kind', spec) : fail('kind', spec, 'token_wrong_type', `claim ${mark} belongs in an ID token`)
  },
} satisfies Record<string, Check>
