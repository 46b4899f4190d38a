import { OidcgwError } from '../../../../errors.js'
import type { ProviderClient } from '../../../provider/client.js'
import type { Discovered } from '../../../provider/discovery.js'
import { isRecord } from '../../../provider/metadata.js'
import type { Exchange } from '../../plugin.js'
import { clientIndexOf } from '../client-choice.js'
import { callFor } from '../provider-call.js'
import { redirectReply } from '../replies.js'
import type { AuthOutcome, OidcContext, PendingLogin } from '../types.js'
import { authorizationParameters, usesPkce } from './authorization-request.js'
import { redirectUriFor } from './redirect-uri.js'
import { VERIFIER_BYTES } from './unconfirmed.js'

/** Bytes of `state` and `nonce`: 24 characters each. */
const STATE_BYTES = 18
/** A signed request object is for now. Seconds. */
const REQUEST_OBJECT_SECONDS = 60

/**
 * Sends the browser to the provider: 302 with an empty body and the authorization cookie. Every request gets it, navigation or not, as Kong
 * does it: a script that is not logged in fails on the foreign redirect (section 9, row 17).
 */
export async function startLogin(exchange: Exchange, context: OidcContext, originalUrl: string): Promise<AuthOutcome> {
  const clientIndex = clientIndexOf(exchange)
  const client = context.provider.client(clientIndex)
  if (!client) return { kind: 'absent' }
  try {
    const discovered = await context.provider.discover(exchange.trace)
    const endpoint = context.provider.endpoint('authorization_endpoint')
    if (!endpoint) throw new OidcgwError('ERR_PROVIDER_METADATA', `no authorization_endpoint is known for ${context.config.issuer}`)
    const login = newLogin(exchange, context, discovered, originalUrl, clientIndex)
    const parameters = await authorizationParameters(login, client, discovered.metadata, exchange, context)
    const sent = await pushed(signed(parameters, client, discovered, exchange, context), client, discovered, exchange, context)
    for (const [name, value] of sent) endpoint.searchParams.append(name, value)
    await context.sessions.logins.add(exchange, login)
    return { kind: 'reply', reply: redirectReply(endpoint.href) }
  } catch (cause) {
    if (!(cause instanceof OidcgwError)) throw cause
    context.services.log('error', `[openid-connect] ${cause.message}`)
    const reason = cause.code === 'ERR_PROVIDER_METADATA' ? 'discovery_failed' : 'idp_unreachable'
    return { kind: 'undetermined', reason, detail: cause.message, cause }
  }
}

function newLogin(
  exchange: Exchange,
  context: OidcContext,
  { metadata }: Discovered,
  originalUrl: string,
  clientIndex: number,
): PendingLogin {
  const random = (bytes: number) => context.services.random(bytes).toString('base64url')
  return {
    state: random(STATE_BYTES),
    nonce: random(STATE_BYTES),
    ...(usesPkce(context, metadata) && { code_verifier: random(VERIFIER_BYTES) }),
    redirect_uri: redirectUriFor(context.config, exchange.request, clientIndex),
    originalUrl,
    clientIndex,
    startedAt: Math.floor(exchange.now() / 1000),
  }
}

/** JAR (RFC 9101): the parameters inside a signed request object, with those beside it that OpenID Connect wants to see. */
function signed(
  parameters: URLSearchParams,
  client: ProviderClient,
  { metadata }: Discovered,
  exchange: Exchange,
  { config, provider, services }: OidcContext,
): URLSearchParams {
  if (!(config.require_signed_request_object ?? metadata.require_signed_request_object ?? false)) return parameters
  const iat = Math.floor(exchange.now() / 1000)
  const claims = {
    ...Object.fromEntries(parameters),
    ...(config.max_age !== null && { max_age: config.max_age }),
    iss: client.client_id,
    aud: metadata.issuer,
    jti: services.random(16).toString('base64url'),
    iat,
    nbf: iat,
    exp: iat + REQUEST_OBJECT_SECONDS,
  }
  return new URLSearchParams({
    client_id: client.client_id,
    response_type: parameters.get('response_type') ?? 'code',
    scope: parameters.get('scope') ?? '',
    request: provider.sign(client, claims, 'oauth-authz-req+jwt'),
  })
}

/** PAR (RFC 9126): the parameters go to the provider directly, the browser carries a reference. */
async function pushed(
  parameters: URLSearchParams,
  client: ProviderClient,
  { metadata }: Discovered,
  exchange: Exchange,
  { config, provider }: OidcContext,
): Promise<URLSearchParams> {
  if (!(config.require_pushed_authorization_requests ?? metadata.require_pushed_authorization_requests ?? false)) return parameters
  const { status, body } = await provider.pushAuthorizationRequest(parameters, callFor(exchange, client))
  const answer = status === 201 || status === 200 ? parse(body) : undefined
  const uri = isRecord(answer) ? answer['request_uri'] : undefined
  if (typeof uri !== 'string') throw new OidcgwError('ERR_PROVIDER_RESPONSE', `the pushed authorization request was answered ${status}`)
  return new URLSearchParams({ client_id: client.client_id, request_uri: uri })
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
