import type { Exchange } from '../plugin.js'
import { after } from './eventually.js'
import type { Eventually, OidcContext, Principal, Session, SessionData, SessionManager } from './types.js'
import { SESSION_WITHOUT_METHOD } from './unconfirmed.js'

const off = () => Promise.reject(new Error('sessions are off'))

/** A plugin without sessions: nothing is ever found, nothing kept. */
export const noSessions: SessionManager = {
  open: async () => ({ kind: 'absent' }),
  save: off,
  touch: async (_exchange, session) => session,
  destroy: async () => undefined,
  renew: off,
  logins: { list: async () => undefined, add: off, claim: off, remove: async () => undefined, clear: async () => undefined },
  timeouts: () => ({}),
  close: async () => undefined,
}

/**
 * Step 12: a live session is touched; any other method starts one when `session` is enabled and `disable_session` does not name the
 * method (section 5.1, U14).
 */
export function keepSession(principal: Principal, exchange: Exchange, { config, sessions }: OidcContext): Eventually<Principal> {
  if (sessions === noSessions) return principal
  if (principal.session) return withSession(principal, sessions.touch(exchange, principal.session))
  if (!(config.auth_methods.includes('session') || SESSION_WITHOUT_METHOD) || config.disable_session?.includes(principal.method))
    return principal
  return withSession(principal, sessions.save(exchange, sessionData(principal)))
}

const withSession = (principal: Principal, kept: Eventually<Session>): Eventually<Principal> =>
  after(kept, (session) => (session === principal.session ? principal : { ...principal, session }))

/** What a session keeps of a principal. */
export function sessionData(principal: Principal): SessionData {
  const { method, tokens, clientIndex, idTokenClaims, accessTokenClaims, introspection, userinfo, session } = principal
  const subject = [accessTokenClaims, idTokenClaims, introspection, userinfo]
    .map((claims) => claims?.['sub'])
    .find((sub) => typeof sub === 'string')
  return {
    // how the person came in, not how this request did
    method: session?.data.method ?? method,
    tokens,
    clientIndex,
    ...(typeof subject === 'string' && { subject }),
    ...(idTokenClaims && { idTokenClaims }),
    ...(accessTokenClaims && { accessTokenClaims }),
    ...(introspection && { introspection }),
    ...(userinfo && { userinfo }),
  }
}

/** The principal a session keeps, as `session` finds it. */
export function principalOfSession(session: Session): Principal {
  const { tokens, clientIndex, idTokenClaims, accessTokenClaims, introspection, userinfo } = session.data
  return {
    method: 'session',
    tokens,
    clientIndex,
    session,
    ...(idTokenClaims && { idTokenClaims }),
    ...(accessTokenClaims && { accessTokenClaims }),
    ...(introspection && { introspection }),
    ...(userinfo && { userinfo }),
  }
}
