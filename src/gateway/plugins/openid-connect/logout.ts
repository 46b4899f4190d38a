import { OidcgwError } from '../../../errors.js'
import { byPosition } from '../../provider/pairs.js'
import type { GatewayRequest } from '../../request.js'
import type { Exchange, Reply } from '../plugin.js'
import { LOGOUT_WITHOUT_TARGET } from './code-flow/unconfirmed.js'
import { callFor } from './provider-call.js'
import { redirectReply } from './replies.js'
import { bodyArguments, queryArguments } from './request-arguments.js'
import type { Eventually, OidcContext, Session } from './types.js'

/**
 * Whether a request asks for logout (section 2.7): its method is in `logout_methods`, and its normalised path ends with `logout_uri_suffix`,
 * or the query or the body has the named argument. By default no GET does (G-145).
 */
export function isLogout({ request }: Exchange, { config }: OidcContext): Eventually<boolean> {
  const { logout_uri_suffix: suffix, logout_query_arg: queryArg, logout_post_arg: postArg } = config
  if (!(config.logout_methods as readonly string[]).includes(request.method)) return false
  if (suffix && request.path.endsWith(suffix)) return true
  if (queryArg && queryArguments(request, queryArg).length > 0) return true
  return postArg ? hasBodyArgument(request, postArg) : false
}

const hasBodyArgument = async (request: GatewayRequest, name: string): Promise<boolean> => (await bodyArguments(request))(name).length > 0

/**
 * Ends the session here, the tokens at the provider (`logout_revoke`), and sends the browser to the provider's own logout. A session that is
 * gone already, or a revocation that fails, stops nothing.
 */
export async function logout(exchange: Exchange, context: OidcContext): Promise<Reply> {
  const { sessions, provider } = context
  const opened = await sessions.open(exchange)
  if (opened.kind === 'undetermined') return unavailable()
  const session = opened.kind === 'open' ? opened.session : undefined
  try {
    await sessions.destroy(exchange, session)
  } catch (cause) {
    if (cause instanceof OidcgwError && cause.code === 'ERR_STORE') return unavailable()
    throw cause
  }
  if (session && context.config.logout_revoke) await revokeTokens(session, exchange, context)
  await Promise.resolve(provider.discover(exchange.trace)).catch(() => undefined)
  exchange.downstream.set('Cache-Control', 'no-store')
  return answer(session, context)
}

/** The session may still be there: the cookie stays, so that the next try can end it. */
const unavailable = (): Reply => ({
  status: 503,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({ message: 'An unexpected error occurred' }),
  reason: 'session_store_down',
})

async function revokeTokens({ data }: Session, exchange: Exchange, context: OidcContext): Promise<void> {
  const { config, provider, services } = context
  const client = provider.client(data.clientIndex)
  if (!client) return
  const doomed = [
    ['refresh_token', config.logout_revoke_refresh_token] as const,
    ['access_token', config.logout_revoke_access_token] as const,
  ]
  for (const [hint, wanted] of doomed) {
    const token = data.tokens[hint]
    if (!wanted || token === undefined) continue
    const form = new URLSearchParams({ [config.revocation_token_param_name]: token, token_type_hint: hint })
    try {
      if (!(await provider.revoke(form, callFor(exchange, client))))
        services.log('warn', `[openid-connect] the ${hint} could not be revoked`)
    } catch (cause) {
      if (!(cause instanceof OidcgwError)) throw cause
      services.log('warn', `[openid-connect] the ${hint} could not be revoked: ${cause.message}`)
    }
  }
}

/** RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0 §2); what is not known is left out (G-146). */
function answer(session: Session | undefined, { config, provider }: OidcContext): Reply {
  const index = session?.data.clientIndex ?? 0
  const target = byPosition(config.logout_redirect_uri, index)
  const endpoint = provider.endpoint('end_session_endpoint')
  if (endpoint) {
    const client = provider.client(index)
    const hint = session?.data.tokens.id_token
    if (hint !== undefined) endpoint.searchParams.set('id_token_hint', hint)
    if (client) endpoint.searchParams.set('client_id', client.client_id)
    if (target !== undefined) endpoint.searchParams.set('post_logout_redirect_uri', target)
    return redirectReply(endpoint.href)
  }
  if (target !== undefined) return redirectReply(target)
  return { ...LOGOUT_WITHOUT_TARGET, headers: { 'content-type': 'application/json; charset=utf-8' } }
}
