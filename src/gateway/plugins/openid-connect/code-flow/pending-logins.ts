import { createHash } from 'node:crypto'
import type { Exchange } from '../../plugin.js'
import { seconds, type Jar } from '../session/jar.js'
import type { SessionStore } from '../session/store.js'
import type { PendingLogin, PendingLogins } from '../types.js'
import { MAX_PENDING_LOGINS } from './unconfirmed.js'

/**
 * Pending logins in one sealed cookie: nothing is stored for a browser that never comes back (G-175). Only what was *used* is remembered,
 * in `marks`, for as long as the cookie could be shown again.
 *
 * @param lifetimeSeconds `authorization_rolling_timeout`; 0: no limit, a mark then holds for a day.
 */
export function createPendingLogins(jar: Jar, marks: Pick<SessionStore, 'acquire'>, lifetimeSeconds: number): PendingLogins {
  const isFresh = ({ startedAt }: PendingLogin, now: number) => lifetimeSeconds === 0 || now - startedAt < lifetimeSeconds
  const list = async (exchange: Exchange): Promise<readonly PendingLogin[] | undefined> => {
    const reading = await jar.read(exchange)
    if (reading.kind === 'absent') return undefined
    const logins = JSON.parse(reading.plain.toString('utf8')) as readonly PendingLogin[]
    return logins.filter((login) => isFresh(login, seconds(exchange)))
  }
  const write = async (exchange: Exchange, logins: readonly PendingLogin[]): Promise<void> => {
    await jar.put(exchange, Buffer.from(JSON.stringify(logins)), { createdAt: seconds(exchange) })
  }
  return {
    list,
    async add(exchange, login) {
      const others = (await list(exchange)) ?? []
      await write(exchange, [...others.slice(-(MAX_PENDING_LOGINS - 1)), login])
    },
    async claim({ state }) {
      const mark = createHash('sha256').update(state).digest('base64url')
      return (await marks.acquire(`used:${mark}`, (lifetimeSeconds || 86_400) * 1000)) !== undefined
    },
    async remove(exchange, { state }) {
      const others = ((await list(exchange)) ?? []).filter((login) => login.state !== state)
      await (others.length > 0 ? write(exchange, others) : jar.drop(exchange, undefined))
    },
    clear: (exchange) => jar.drop(exchange, undefined),
  }
}
