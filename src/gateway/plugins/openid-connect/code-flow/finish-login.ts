import { createHash, timingSafeEqual } from 'node:crypto'
import { OidcgwError } from '../../../../errors.js'
import type { ReasonCode } from '../../../../trace/reason.js'
import type { TokenResponse } from '../../../provider/answers.js'
import type { Exchange } from '../../plugin.js'
import { setClientIndex } from '../client-choice.js'
import { requestTokens, unreachable } from '../grants.js'
import { isPrincipal, principalOfTokens, readTokenResponse } from '../tokens.js'
import type { AuthOutcome, OidcContext, PendingLogin, Principal, Tokens } from '../types.js'
import { verifyIdToken } from '../verification/id-token.js'
import type { Callback } from './callback.js'
import { FAILED_LOGIN_CLEARS } from './unconfirmed.js'

type Rejected = Extract<AuthOutcome, { kind: 'rejected' | 'undetermined' }>

/** The pending login that a callback belongs to; undefined when its `state` is none that this browser was given. */
export function loginOf(callback: Callback, logins: readonly PendingLogin[]): PendingLogin | undefined {
  const { state } = callback.parameters
  return state === undefined ? undefined : logins.find((login) => isSame(login.state, state))
}

/**
 * Ends a login: mix-up (RFC 9207), replay, error, then the code for tokens and every check of the ID token. Whatever fails takes the
 * authorization cookie away (U3), and no token call is made before all checks on the callback itself have passed.
 */
export async function finishLogin(callback: Callback, login: PendingLogin, exchange: Exchange, context: OidcContext): Promise<AuthOutcome> {
  setClientIndex(exchange, login.clientIndex)
  try {
    const outcome = (await checkCallback(callback, login, exchange, context)) ?? (await obtain(callback, login, exchange, context))
    if (!isPrincipal(outcome)) return outcome.kind === 'rejected' ? await giveUp(outcome, exchange, context) : outcome
    await context.sessions.logins.remove(exchange, login)
    const principal: Principal = { ...outcome, source: callback.source }
    return { kind: 'accepted', principal, login: { originalUrl: login.originalUrl } }
  } catch (cause) {
    if (cause instanceof OidcgwError && cause.code === 'ERR_STORE') return { kind: 'undetermined', reason: 'session_store_down', cause }
    return unreachable(cause, context)
  }
}

/** Refuses, and takes the pending logins and a dead session cookie away (U3). */
export async function giveUp(rejected: Rejected, exchange: Exchange, { sessions, config }: OidcContext): Promise<Rejected> {
  if (FAILED_LOGIN_CLEARS.login) await sessions.logins.clear(exchange)
  if (FAILED_LOGIN_CLEARS.session && exchange.request.headers['cookie']?.includes(`${config.session_cookie_name}=`))
    await sessions.destroy(exchange, undefined)
  return rejected
}

const rejected = (reason: ReasonCode, detail: string): Rejected => ({ kind: 'rejected', reason, detail, fallthrough: false })

async function checkCallback(
  callback: Callback,
  login: PendingLogin,
  exchange: Exchange,
  context: OidcContext,
): Promise<Rejected | undefined> {
  const { iss, error } = callback.parameters
  const { metadata } = await context.provider.discover(exchange.trace)
  const expectsIss = !callback.signed && metadata.authorization_response_iss_parameter_supported === true
  if (iss !== undefined ? iss !== metadata.issuer : expectsIss) return rejected('iss_mismatch', 'iss: not the provider of this login')
  if (!(await context.sessions.logins.claim(login))) return rejected('state_mismatch', 'this login was finished before')
  if (error !== undefined) return rejected('idp_error', `the provider answered ${shownError(error)}`)
  return undefined
}

/** Only what looks like a registered error code is repeated (G-101). */
const shownError = (error: string): string => (/^[\w.-]{1,64}$/.test(error) ? error : 'an error')

async function obtain(callback: Callback, login: PendingLogin, exchange: Exchange, context: OidcContext): Promise<Principal | Rejected> {
  const front = frontTokens(callback, context)
  const { code } = callback.parameters
  if (code === undefined) {
    if (front.id_token === undefined && front.access_token === undefined) return rejected('state_mismatch', 'the callback carries no code')
    const tokens = readTokenResponse({ ...front, raw: {} }, exchange.now())
    return checkedPrincipal(tokens, login, undefined, undefined, exchange, context)
  }
  const early = front.id_token === undefined ? undefined : await verifyFrontIdToken(front, code, login, exchange, context)
  if (early?.kind === 'refused') return rejected(early.reason, early.detail)
  const sub = early?.claims['sub']
  const response = await redeem(code, login, exchange, context)
  if ('kind' in response) return response
  const tokens = readTokenResponse(response, exchange.now())
  const principal = await checkedPrincipal(tokens, login, code, typeof sub === 'string' ? sub : undefined, exchange, context)
  return isPrincipal(principal) ? { ...principal, tokenResponse: response.raw } : principal
}

/** Hybrid and implicit response types (OIDC Core §3.2, §3.3): tokens of the callback count only where `response_type` asks for them. */
function frontTokens(
  { parameters }: Callback,
  { config }: OidcContext,
): Pick<Tokens, 'id_token' | 'access_token'> & { expires_in?: number } {
  const asked = config.response_type.flatMap((type) => type.split(' '))
  const { id_token, access_token, expires_in } = parameters
  return {
    ...(asked.includes('id_token') && id_token !== undefined && { id_token }),
    ...(asked.includes('token') && access_token !== undefined && { access_token }),
    ...(expires_in !== undefined && /^\d{1,9}$/.test(expires_in) && { expires_in: Number(expires_in) }),
  }
}

const verifyFrontIdToken = (
  front: Pick<Tokens, 'id_token' | 'access_token'>,
  code: string,
  { nonce }: PendingLogin,
  exchange: Exchange,
  context: OidcContext,
) => verifyIdToken(front.id_token ?? '', 'authorization_code', { access_token: front.access_token, code, nonce }, exchange, context)

/** The code for tokens: once, with the redirect URI and the verifier of this very login. */
async function redeem(code: string, login: PendingLogin, exchange: Exchange, context: OidcContext): Promise<TokenResponse | Rejected> {
  const client = context.provider.client(login.clientIndex)
  if (!client) return rejected('code_exchange_failed', 'no client_id is configured')
  const fields = {
    code,
    redirect_uri: login.redirect_uri,
    ...(login.code_verifier !== undefined && { code_verifier: login.code_verifier }),
  }
  const answer = await requestTokens('authorization_code', fields, client, exchange, context)
  if (answer.kind === 'tokens') return answer.response
  return rejected(
    'code_exchange_failed',
    `the token endpoint answered ${answer.status}${answer.error ? ` ${shownError(answer.error)}` : ''}`,
  )
}

async function checkedPrincipal(
  tokens: Tokens,
  { nonce }: PendingLogin,
  code: string | undefined,
  sub: string | undefined,
  exchange: Exchange,
  context: OidcContext,
): Promise<Principal | Rejected> {
  // without an ID token nobody would have checked the nonce (G-113)
  if (tokens.id_token === undefined && context.config.scopes.includes('openid')) return rejected('token_invalid', 'there is no id_token')
  return principalOfTokens('authorization_code', tokens, { nonce, code, sub }, exchange, context)
}

function isSame(expected: string, actual: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(expected), digest(actual))
}
