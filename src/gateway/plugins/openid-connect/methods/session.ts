import { readCallback } from '../code-flow/callback.js'
import { SESSION_BEFORE_CALLBACK } from '../code-flow/unconfirmed.js'
import { principalOfSession } from '../session-keeping.js'
import type { AuthMethod } from '../types.js'

/** The session of an earlier login. A cookie that is invalid, expired or unknown counts as none (section 2.4). */
export const session: AuthMethod = {
  name: 'session',
  async authenticate(exchange, context) {
    if (!SESSION_BEFORE_CALLBACK && (await readCallback(exchange, context)).kind !== 'none') return { kind: 'absent' }
    const opening = context.sessions.open(exchange)
    const opened = opening instanceof Promise ? await opening : opening
    if (opened.kind === 'open') return { kind: 'accepted', principal: principalOfSession(opened.session) }
    if (opened.kind === 'undetermined') return opened
    return opened.reason === undefined ? { kind: 'absent' } : { kind: 'absent', reason: opened.reason }
  },
}
