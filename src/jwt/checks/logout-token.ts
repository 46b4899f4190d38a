import type { Check } from './check.js'
import { fail, pass } from './check.js'
import { kind, required } from './claims.js'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** Logout tokens (OIDC Back-Channel Logout §2.4, §2.6). */
export const LOGOUT = {
  kind: kind('OIDC Back-Channel Logout §2.4', ['logout+jwt', 'jwt'], ['nonce'], 'a logout token'),
  claims: required('OIDC Back-Channel Logout §2.4', 'iss', 'aud', 'iat', 'exp', 'jti', 'events'),
  events: ({ jwt: { payload } }) => {
    const spec = 'OIDC Back-Channel Logout §2.4'
    const { events } = payload
    const event =
      typeof events === 'object' && events !== null && !Array.isArray(events) ? (events as Record<string, unknown>)[EVENT] : undefined
    return typeof event === 'object' && event !== null
      ? pass('events', spec)
      : fail('events', spec, 'token_wrong_type', 'events does not hold the back-channel logout event')
  },
  subject: ({ jwt: { payload } }) => {
    const spec = 'OIDC Back-Channel Logout §2.6'
    return typeof payload['sub'] === 'string' || typeof payload['sid'] === 'string'
      ? pass('subject', spec)
      : fail('subject', spec, 'token_invalid', 'neither sub nor sid: nobody to sign out')
  },
} satisfies Record<string, Check>
