import { genericGrantRequest } from 'openid-client'
import { OidcgwError } from '../../errors.js'
import { readTokenReference } from '../token-reference.js'
import { attempting } from '../translate-error.js'
import { tokenParameters, toTokenSet, withDpop, type Grant } from './grant.js'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** RFC 8693: a token for another token, on behalf of its subject; with an actor, as a delegation. */
export const tokenExchange: Grant = {
  needsPerson: false,
  async obtain(provider, request, host) {
    const { exchange, name } = request.profile
    if (!exchange) {
      throw new OidcgwError('ERR_USAGE', `profile ${name}: token_exchange needs exchange: { subject_token }`, {
        hint: 'Write exchange: { subject_token: "profile:alice" }',
      })
    }
    const read = (reference: string, what: string) => readTokenReference(reference, `${what} of profile ${name}`, provider, request, host)
    const parameters = tokenParameters(request.profile)
    parameters.set('subject_token', await read(exchange.subject_token, 'subject token'))
    parameters.set('subject_token_type', exchange.subject_token_type ?? ACCESS_TOKEN)
    if (exchange.actor_token) {
      parameters.set('actor_token', await read(exchange.actor_token, 'actor token'))
      parameters.set('actor_token_type', exchange.actor_token_type ?? ACCESS_TOKEN)
    }
    if (exchange.requested_token_type) parameters.set('requested_token_type', exchange.requested_token_type)
    const response = await attempting({ what: 'token-exchange', stage: 'token', clientHint: provider.clientHint }, () =>
      genericGrantRequest(provider.configuration, TOKEN_EXCHANGE, parameters, withDpop(request)),
    )
    return toTokenSet(response, host)
  },
}
