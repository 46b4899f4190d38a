import { readCallback } from '../code-flow/callback.js'
import { finishLogin, giveUp, loginOf } from '../code-flow/finish-login.js'
import { isAtRedirectUri } from '../code-flow/redirect-uri.js'
import { startLogin } from '../code-flow/start-login.js'
import type { Exchange } from '../../plugin.js'
import type { AuthMethod, OidcContext } from '../types.js'

/**
 * The authorization code flow (RFC 6749 §4.1, OIDC Core §3.1; section 2.5 of the reference): the last method, which finds no credential and
 * sends the browser for one, or is met by the browser on its way back.
 */
export const authorizationCode: AuthMethod = {
  name: 'authorization_code',
  async authenticate(exchange, context) {
    const { request } = exchange
    const reading = await readCallback(exchange, context)
    if (reading.kind === 'none') return startLogin(exchange, context, originalUrl(exchange, context))
    const logins = await context.sessions.logins.list(exchange)
    // a callback without its cookie: another login, as Kong does it; what the callback carried is dropped
    if (!logins) return startLogin(exchange, context, request.path)
    const awaited = logins.filter(({ redirect_uri }) => isAtRedirectUri(request, redirect_uri))
    if (awaited.length === 0) return startLogin(exchange, context, originalUrl(exchange, context))
    if (reading.kind === 'broken') {
      return giveUp({ kind: 'rejected', reason: 'state_mismatch', detail: reading.detail, fallthrough: false }, exchange, context)
    }
    const login = loginOf(reading.callback, awaited)
    if (login) return finishLogin(reading.callback, login, exchange, context)
    const detail = 'state: not one of this browser'
    return giveUp({ kind: 'rejected', reason: 'state_mismatch', detail, fallthrough: false }, exchange, context)
  },
}

/** Path first asked for, with its query only under `preserve_query_args`. */
const originalUrl = ({ request }: Exchange, { config }: OidcContext): string =>
  config.preserve_query_args && request.query !== '' ? `${request.path}?${request.query}` : request.path
