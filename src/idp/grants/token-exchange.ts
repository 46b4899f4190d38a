import type { TokenEndpointGrantContext } from 'oidc-provider'
import { TOKEN_EXCHANGE } from '../applications.js'
import { findIssuedJwt } from '../issued-tokens.js'
import { verifyOwnJwt, type Claims } from '../signing.js'
import type { IdpState } from '../state.js'
import { issueTokens } from './issue.js'

const TYPE = 'urn:ietf:params:oauth:token-type:'
const ACCESS_TOKEN = `${TYPE}access_token`

interface Parameters {
  readonly subject_token?: string
  readonly subject_token_type?: string
  readonly actor_token?: string
  readonly actor_token_type?: string
  readonly requested_token_type?: string
}

/** A token of ours for another one: narrower, for another audience, or on somebody's behalf (RFC 8693 §2). */
export async function tokenExchangeGrant(ctx: TokenEndpointGrantContext<Parameters>, state: IdpState): Promise<void> {
  const { params } = ctx.oidc
  const { InvalidRequest } = state.library.errors
  if (!params.subject_token || !params.subject_token_type) throw new InvalidRequest('subject_token and subject_token_type are required')
  if (params.actor_token !== undefined && !params.actor_token_type) throw new InvalidRequest('actor_token_type is required')
  if (params.actor_token === undefined && params.actor_token_type !== undefined) throw new InvalidRequest('actor_token is missing')
  const requested = params.requested_token_type ?? ACCESS_TOKEN
  if (![ACCESS_TOKEN, `${TYPE}jwt`].includes(requested)) throw new InvalidRequest('requested_token_type is not supported')

  const subject = await read(ctx, state, params.subject_token, params.subject_token_type)
  const actor = params.actor_token === undefined ? undefined : await read(ctx, state, params.actor_token, params.actor_token_type ?? '')
  const available = typeof subject['scope'] === 'string' ? subject['scope'] : ''
  // Never more than the subject token held (RFC 8693 §2.1 leaves the policy to us).
  const scope = params.scope === undefined ? available : narrow(params.scope, available, state)
  const act = actor && { sub: actor['sub'], ...(subject['act'] !== undefined && { act: subject['act'] }) }
  const answer = await issueTokens(ctx, state, {
    subject: String(subject['sub']),
    grantType: TOKEN_EXCHANGE,
    scope: scope.replace(/\bopenid\b/, '').trim(),
    ...(act && { extra: { act } }),
    refreshable: false,
  })
  ctx.body = { ...answer, issued_token_type: requested }
}

function narrow(wanted: string, available: string, { library }: IdpState): string {
  const had = available.split(' ')
  const missing = wanted.split(' ').filter((scope) => !had.includes(scope))
  if (missing.length > 0) throw new library.errors.InvalidScope('the subject token does not hold the scope', missing.join(' '))
  return wanted
}

/** The claims of a token presented for exchange; it must be ours and alive. */
async function read(ctx: TokenEndpointGrantContext, state: IdpState, token: string, type: string): Promise<Claims> {
  const { InvalidRequest, InvalidGrant } = state.library.errors
  if (![ACCESS_TOKEN, `${TYPE}jwt`, `${TYPE}id_token`].includes(type)) throw new InvalidRequest('token type is not supported')
  const claims = type === `${TYPE}id_token` ? idToken(state, token) : await accessToken(ctx, state, token)
  // RFC 8693 §2.2.2 says invalid_request for an unacceptable token; invalid_grant is what servers agree on for a dead one.
  if (!claims) throw new InvalidGrant('the token presented for exchange is not valid')
  return claims
}

function idToken({ keys, issuer, now, applications }: IdpState, token: string): Claims | undefined {
  const claims = verifyOwnJwt(token, keys)
  const isAlive = typeof claims?.['exp'] === 'number' && claims['exp'] > now().getTime() / 1000
  // JWT access tokens carry client_id, ID tokens do not: neither may pass as the other.
  if (!claims || !isAlive || claims['iss'] !== issuer || claims['client_id'] !== undefined) return undefined
  return applications.isActive(String(claims['aud'])) ? { ...claims, scope: 'api.read api.write profile email groups' } : undefined
}

async function accessToken(ctx: TokenEndpointGrantContext, state: IdpState, token: string): Promise<Claims | undefined> {
  const jwt = await findIssuedJwt(token, state)
  if (jwt) return state.applications.isActive(String(jwt.claims['client_id'])) ? jwt.claims : undefined
  const { AccessToken, ClientCredentials } = ctx.oidc.provider
  const opaque = (await AccessToken.find(token)) ?? (await ClientCredentials.find(token))
  if (!opaque || !state.applications.isActive(opaque.clientId ?? '')) return undefined
  const { accountId, clientId, scope, extra } = opaque as { accountId?: string; clientId?: string; scope?: string; extra?: Claims }
  return { ...extra, sub: accountId ?? clientId, client_id: clientId, scope }
}
