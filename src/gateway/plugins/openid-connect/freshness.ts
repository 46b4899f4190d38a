import type { Exchange } from '../plugin.js'
import { requestTokens, refusedGrant, unreachable } from './grants.js'
import { principalOfSession, sessionData } from './session-keeping.js'
import { isPrincipal, principalOfTokens, readTokenResponse } from './tokens.js'
import type { AuthOutcome, Eventually, OidcContext, Principal, Session } from './types.js'

type Stopped = Extract<AuthOutcome, { kind: 'rejected' | 'undetermined' }>

/** The principal with an access token that has not ended: as it is, or refreshed (section 3.3). An end at this very second has passed. */
export function ensureFresh(principal: Principal, exchange: Exchange, context: OidcContext): Eventually<Principal | Stopped> {
  const { access_token, expires_at, refresh_token } = principal.tokens
  if (access_token === undefined)
    return { kind: 'rejected', reason: 'token_invalid', detail: 'there is no access token', fallthrough: false }
  if (!hasEnded(principal, exchange, context)) return principal
  if (!context.config.refresh_tokens || refresh_token === undefined) {
    context.services.log('notice', `[openid-connect] invalid exp claim (${expires_at}) was specified for access token`)
    return { kind: 'rejected', reason: 'token_expired', detail: 'the access token has ended and cannot be refreshed', fallthrough: false }
  }
  return principal.session ? renewSession(principal, principal.session, exchange, context) : refresh(principal, exchange, context)
}

const hasEnded = ({ tokens: { expires_at } }: Principal, exchange: Exchange, { config }: OidcContext): boolean =>
  expires_at !== undefined && exchange.now() / 1000 >= expires_at + config.leeway

/** Refreshes once for all requests of a session; what comes out is saved at once under a new id (U24). */
async function renewSession(
  principal: Principal,
  session: Session,
  exchange: Exchange,
  context: OidcContext,
): Promise<Principal | Stopped> {
  const renewal = await context.sessions.renew(exchange, session, async (current) => {
    const refreshed = await refresh({ ...principalOfSession(current), clientIndex: principal.clientIndex }, exchange, context)
    if (isPrincipal(refreshed)) return { kind: 'data', data: sessionData(refreshed) }
    const { reason, detail } = refreshed
    const why = { reason, ...(detail !== undefined && { detail }) }
    return refreshed.kind === 'rejected' ? { kind: 'refused', ...why } : { kind: 'undetermined', ...why, cause: refreshed.cause }
  })
  if (renewal.kind === 'renewed') return { ...principalOfSession(renewal.session), ...(principal.source && { source: principal.source }) }
  return renewal.kind === 'refused' ? { ...renewal, kind: 'rejected', fallthrough: false } : renewal
}

async function refresh(principal: Principal, exchange: Exchange, context: OidcContext): Promise<Principal | Stopped> {
  const { refresh_token = '', id_token } = principal.tokens
  const client = context.provider.client(principal.clientIndex)
  if (!client) return { kind: 'rejected', reason: 'refresh_failed', detail: 'no client_id is configured', fallthrough: false }
  try {
    const answer = await requestTokens('refresh_token', { refresh_token }, client, exchange, context)
    if (answer.kind === 'refused') return { ...refusedGrant(answer, false), reason: 'refresh_failed' }
    const fresh = readTokenResponse(answer.response, exchange.now())
    const subject = principal.idTokenClaims?.['sub'] ?? principal.session?.data.subject
    const method = principal.session?.data.method ?? principal.method
    const verified = await principalOfTokens(method, fresh, typeof subject === 'string' ? { sub: subject } : {}, exchange, context)
    if (!isPrincipal(verified)) return { ...verified, reason: 'refresh_failed' }
    // what the answer leaves out stays: without rotation the refresh token, without a new one the ID token (OIDC Core §12.2)
    const tokens = { refresh_token, ...(id_token !== undefined && { id_token }), ...fresh }
    return { ...carriedOver(principal), ...verified, method: principal.method, tokens }
  } catch (cause) {
    return unreachable(cause, context)
  }
}

/** What outlives a refresh; claims of the old access token and what was asked about it do not. */
const carriedOver = ({ idTokenClaims, idTokenJwk, session, source }: Principal): Partial<Principal> => ({
  ...(idTokenClaims && { idTokenClaims }),
  ...(idTokenJwk && { idTokenJwk }),
  ...(session && { session }),
  ...(source && { source }),
})

/** `reverify`: the tokens of a session pass signature and claim checks again on every request; otherwise they are trusted as stored. */
export function reverifySession(principal: Principal, exchange: Exchange, context: OidcContext): Eventually<Principal | Stopped> {
  return principal.session && context.config.reverify ? verifyAgain(principal, exchange, context) : principal
}

async function verifyAgain(principal: Principal, exchange: Exchange, context: OidcContext): Promise<Principal | Stopped> {
  const verified = await principalOfTokens('session', principal.tokens, {}, exchange, context)
  return isPrincipal(verified) ? { ...principal, ...verified } : verified
}
