import { genericGrantRequest } from 'openid-client'
import { OidcgwError } from '../../errors.js'
import { attempting } from '../translate-error.js'
import { tokenParameters, toTokenSet, withDpop, type Grant } from './grant.js'

/** RFC 6749 §4.3: a person's name and password. Deprecated by RFC 9700 §2.4, still met at gateways. */
export const password: Grant = {
  needsPerson: false,
  async obtain({ configuration, clientHint, secrets }, request, host) {
    const { login, name } = request.profile
    if (!login?.username || !login.password) {
      throw new OidcgwError('ERR_USAGE', `profile ${name}: the password grant needs login: { username, password }`, {
        hint: 'Write login: { username: alice, password: env:ALICE_PASSWORD }',
      })
    }
    const parameters = tokenParameters(request.profile)
    parameters.set('username', login.username)
    parameters.set('password', await secrets(login.password, `password of ${login.username}`))
    const response = await attempting({ what: 'password', stage: 'token', clientHint }, () =>
      genericGrantRequest(configuration, 'password', parameters, withDpop(request)),
    )
    return toTokenSet(response, host)
  },
}
