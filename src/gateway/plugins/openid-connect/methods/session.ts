import { principalOfSession } from '../session-keeping.js'
import type { AuthMethod } from '../types.js'

/** The session of an earlier login. A cookie that is invalid, expired or unknown counts as none (section 2.4). */
export const session: AuthMethod = {
  name: 'session',
  async authenticate(exchange, { sessions }) {
    const opened = await sessions.open(exchange)
    if (opened.kind === 'open') return { kind: 'accepted', principal: principalOfSession(opened.session) }
    if (opened.kind === 'undetermined') return opened
    return opened.reason === undefined ? { kind: 'absent' } : { kind: 'absent', reason: opened.reason }
  },
}
