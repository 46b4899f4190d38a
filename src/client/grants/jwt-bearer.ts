import { genericGrantRequest } from 'openid-client'
import { OidcgwError } from '../../errors.js'
import { readTokenReference } from '../token-reference.js'
import { attempting } from '../translate-error.js'
import { tokenParameters, toTokenSet, withDpop, type Grant } from './grant.js'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const HINT = 'Check that the provider trusts the issuer of the assertion, and its sub, aud and exp, with: oidcgw decode'

/** RFC 7523 §2.1: somebody else's signed statement for a token. */
export const jwtBearer: Grant = {
  needsPerson: false,
  async obtain(provider, request, host) {
    const { assertion, name } = request.profile
    if (!assertion) {
      throw new OidcgwError('ERR_USAGE', `profile ${name}: jwt_bearer needs an assertion`, {
        hint: 'Write assertion: env:NAME, file:PATH, github or gitlab, or pass --assertion-from',
      })
    }
    const parameters = tokenParameters(request.profile)
    parameters.set('assertion', await readTokenReference(assertion, `assertion of profile ${name}`, provider, request, host))
    const attempt = { what: 'jwt-bearer', stage: 'token', clientHint: provider.clientHint, grantHint: HINT } as const
    const response = await attempting(attempt, () => genericGrantRequest(provider.configuration, JWT_BEARER, parameters, withDpop(request)))
    return toTokenSet(response, host)
  },
}
