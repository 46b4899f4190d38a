import { clientCredentialsGrant } from 'openid-client'
import { attempting } from '../translate-error.js'
import { tokenParameters, toTokenSet, withDpop, type Grant } from './grant.js'

/** RFC 6749 §4.4: the client for itself. */
export const clientCredentials: Grant = {
  needsPerson: false,
  async obtain({ configuration, clientHint }, request, host) {
    const response = await attempting({ what: 'client_credentials', stage: 'token', clientHint }, () =>
      clientCredentialsGrant(configuration, tokenParameters(request.profile), withDpop(request)),
    )
    return toTokenSet(response, host)
  },
}
