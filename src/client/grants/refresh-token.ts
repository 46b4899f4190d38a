import { refreshTokenGrant } from 'openid-client'
import { OidcgwError } from '../../errors.js'
import { attempting } from '../translate-error.js'
import { toTokenSet, withDpop, type Grant } from './grant.js'

/**
 * RFC 6749 §6, with the client's authentication. The old refresh token stays when the answer brings no new one.
 * As a profile's own grant the token comes from the reference in `assertion`.
 */
export const refreshToken: Grant = {
  needsPerson: false,
  async obtain({ configuration, clientHint, secrets }, request, host) {
    const { assertion, name, resource } = request.profile
    const token = request.refreshToken ?? (assertion && (await secrets(assertion, `refresh token of profile ${name}`)))
    if (!token) {
      throw new OidcgwError('ERR_NO_TOKEN', `profile ${name}: there is no refresh token`, {
        hint: 'Sign in again, or write assertion: env:NAME in the profile',
      })
    }
    const parameters = new URLSearchParams([resource ?? []].flat().map((one): [string, string] => ['resource', one]))
    const response = await attempting({ what: 'refresh_token', stage: 'token', clientHint }, () =>
      refreshTokenGrant(configuration, token, parameters, withDpop(request)),
    )
    return { refresh_token: token, ...toTokenSet(response, host) }
  },
}
