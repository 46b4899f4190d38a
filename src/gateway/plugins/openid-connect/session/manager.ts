import { createHash } from 'node:crypto'
import type { OpenIdConnectConfig } from '../../../../kong/openid-connect/config.js'
import { OidcgwError } from '../../../../errors.js'
import { perExchange } from '../../per-exchange.js'
import type { Exchange } from '../../plugin.js'
import { byPosition } from '../../../provider/pairs.js'
import { issuerIdentifier } from '../../../provider/metadata.js'
import { after } from '../eventually.js'
import type { Eventually, OpenedSession, PendingLogins, Session, SessionData, SessionManager } from '../types.js'
import { decodeEntries, encodeEntries, ownEntry, withEntry, type Entry } from './envelope.js'
import { seconds, type Jar, type JarReading, type Ticket } from './jar.js'
import type { Live } from './live.js'
import { createRenewals } from './renewals.js'
import type { SessionStore } from './store.js'
import { expiredBy, remaining, renewalDue, storageTtl, type Timeouts } from './timeouts.js'

export interface ManagerParts {
  readonly config: OpenIdConnectConfig
  readonly jar: Jar
  /** Only with `session_remember`. */
  readonly rememberJar: Jar | undefined
  readonly store: SessionStore
  readonly logins: PendingLogins
  readonly timeouts: Timeouts
  readonly now: () => number
}

const opened = perExchange<Eventually<OpenedSession>>('opened session')
const lives = perExchange<Live | undefined>('live session')

export function createManager({ config, jar, rememberJar, store, logins, timeouts, now }: ManagerParts): SessionManager {
  const owner = { audience: config.session_audience, issuer: issuerIdentifier(config.issuer), clientIds: config.client_id }
  const adopt = (exchange: Exchange, live: Live): OpenedSession & { kind: 'open' } => {
    const answer = { kind: 'open', session: live.session } as const
    lives.set(exchange, live)
    opened.set(exchange, answer)
    return answer
  }

  const liveOf = (entries: readonly Entry[], entry: Entry, ticket: Ticket, remembered: Ticket | undefined): Live => ({
    session: {
      id: ticket.header.sid.toString('base64url'),
      data: entry.data,
      createdAt: entry.createdAt,
      rolledAt: ticket.header.rolledAt,
      idleSince: ticket.header.idleSince,
    },
    ticket,
    entries,
    remembered,
  })

  const write = async (exchange: Exchange, data: SessionData, previous: Live | undefined): Promise<Live> => {
    const entry: Entry = {
      audience: owner.audience,
      issuer: owner.issuer,
      client_id: byPosition(config.client_id, data.clientIndex) ?? null,
      subject: data.subject ?? null,
      createdAt: previous?.session.createdAt ?? seconds(exchange),
      data,
    }
    const entries = withEntry(previous?.entries ?? (await otherEntries(exchange)), entry, config.session_enforce_same_subject)
    const plain = encodeEntries(entries)
    const replaced = previous?.ticket
    const ticket = await jar.put(exchange, plain, { createdAt: entry.createdAt, ...(replaced && { replaced }) })
    const remembered = await rememberJar?.put(exchange, plain, {
      createdAt: previous?.remembered?.header.createdAt ?? entry.createdAt,
      ...(previous?.remembered && { replaced: previous.remembered }),
    })
    await note(ticket, entry)
    return liveOf(entries, entry, ticket, remembered)
  }

  /** What other audiences keep in the cookie of a browser that logs in here; the id it came with is given up (G-118). */
  const otherEntries = async (exchange: Exchange): Promise<readonly Entry[]> => {
    const reading = await jar.read(exchange)
    if (reading.kind === 'absent') return []
    await jar.discard(reading.ticket)
    return decodeEntries(reading.plain).filter(({ audience }) => audience !== owner.audience)
  }

  const groupOf = (subject: string): string => {
    const shown = config.session_hash_subject ? createHash('sha256').update(subject).digest('base64url') : subject
    return `${config.session_cookie_name}:${Buffer.from(owner.audience).toString('base64url')}:${shown}`
  }

  const note = async (ticket: Ticket, { subject }: Entry): Promise<void> => {
    if (!config.session_store_metadata || subject === null) return
    const ttl = storageTtl(ticket.header, timeouts, now() / 1000)
    await store.index?.add(groupOf(subject), ticket.handle, ttl === undefined ? Infinity : now() / 1000 + ttl)
  }

  const strike = async ({ ticket, session: { data } }: Live): Promise<void> => {
    if (config.session_store_metadata && data.subject !== undefined) await store.index?.remove(groupOf(data.subject), ticket.handle)
  }

  const read = (exchange: Exchange): Eventually<OpenedSession> => after(jar.read(exchange), (reading) => openFrom(exchange, reading))

  const openFrom = (exchange: Exchange, reading: JarReading): Eventually<OpenedSession> => {
    if (reading.kind === 'absent') return rememberJar ? rebuild(exchange).then((rebuilt) => rebuilt ?? reading) : reading
    const entries = decodeEntries(reading.plain)
    const entry = ownEntry(entries, owner)
    if (!entry) return { kind: 'absent', reason: 'session_invalid' }
    const expired = expiredBy({ ...reading.ticket.header, createdAt: entry.createdAt }, timeouts, seconds(exchange))
    if (expired) return { kind: 'absent', reason: expired }
    return after(rememberJar?.read(exchange), (remembered): OpenedSession => {
      const live = liveOf(entries, entry, reading.ticket, remembered?.kind === 'found' ? remembered.ticket : undefined)
      if (reading.moved) jar.issue(exchange, live.ticket)
      return adopt(exchange, live)
    })
  }

  /** A session made anew from the remember cookie; once for parallel requests. */
  const rebuild = async (exchange: Exchange): Promise<OpenedSession | undefined> => {
    const reading = await rememberJar?.read(exchange)
    if (reading?.kind !== 'found') return undefined
    const entries = decodeEntries(reading.plain)
    const entry = ownEntry(entries, owner)
    if (!entry) return undefined
    const made = await renewals.once(`remember:${reading.ticket.handle.slice(-64)}`, async () => {
      const plain = encodeEntries([{ ...entry, createdAt: seconds(exchange) }])
      const ticket = await jar.put(exchange, plain, { createdAt: seconds(exchange) })
      const remembered = await rememberJar?.put(exchange, reading.plain, {
        createdAt: reading.ticket.header.createdAt,
        replaced: reading.ticket,
      })
      return liveOf(decodeEntries(plain), { ...entry, createdAt: seconds(exchange) }, ticket, remembered)
    })
    if (!made.mine) issue(exchange, made.value)
    return adopt(exchange, made.value)
  }

  const issue = (exchange: Exchange, live: Live): Live => {
    const ticket = jar.issue(exchange, live.ticket)
    if (live.remembered) rememberJar?.issue(exchange, live.remembered)
    return { ...live, ticket, session: { ...live.session, idleSince: ticket.header.idleSince } }
  }

  const startGeneration = async (exchange: Exchange, session: Session, live: Live): Promise<Session> => {
    const renewal = await renewals.optional(exchange, live, () => write(exchange, session.data, live))
    if (renewal === undefined) return session
    return adopt(exchange, renewal.mine ? renewal.value : issue(exchange, renewal.value)).session
  }

  const renewals = createRenewals({ store, jar, owner, timeoutMs: config.timeout, now, liveOf })

  const manager: SessionManager = {
    logins,
    open(exchange) {
      const known = opened.get(exchange)
      if (known) return known
      const reading = read(exchange)
      const answer = reading instanceof Promise ? reading.catch(undetermined) : reading
      opened.set(exchange, answer)
      return answer
    },
    async save(exchange, data, previous) {
      const current = lives.get(exchange)
      const replaced = previous && current?.session.id === previous.id ? current : undefined
      return adopt(exchange, await write(exchange, data, replaced)).session
    },
    touch(exchange, session) {
      const live = lives.get(exchange)
      if (!live || live.session.id !== session.id) return session
      const due = renewalDue(live.session, timeouts, seconds(exchange))
      if (due === 'stamp') return adopt(exchange, issue(exchange, live)).session
      return due === undefined ? session : startGeneration(exchange, session, live)
    },
    async renew(exchange, session, work) {
      const live = lives.get(exchange)
      if (!live || live.session.id !== session.id) {
        throw new TypeError('a session can only be renewed by the request that opened it')
      }
      const outcome = await renewals.exclusive(exchange, live, async (current) => {
        const renewed = await work(current.session)
        return renewed.kind === 'data' ? { kind: 'data', write: () => write(exchange, renewed.data, current) } : renewed
      })
      if (outcome.kind !== 'live') return outcome
      return { kind: 'renewed', session: adopt(exchange, outcome.mine ? outcome.live : issue(exchange, outcome.live)).session }
    },
    async destroy(exchange, session) {
      const live = lives.get(exchange)
      const mine = live && (session === undefined || live.session.id === session.id) ? live : undefined
      opened.set(exchange, { kind: 'absent' })
      lives.set(exchange, undefined)
      if (mine) renewals.forget(mine)
      const others = mine?.entries.filter((entry) => entry.audience !== owner.audience) ?? []
      if (mine) await strike(mine)
      if (mine && others.length > 0) {
        await jar.put(exchange, encodeEntries(others), { createdAt: mine.ticket.header.createdAt })
        await jar.discard(mine.ticket)
      } else {
        await jar.drop(exchange, mine?.ticket)
      }
      await rememberJar?.drop(exchange, mine?.remembered)
    },
    timeouts: (session) => remaining(session, timeouts, Math.floor(now() / 1000)),
    close: () => store.close(),
  }
  return manager
}

const undetermined = (cause: unknown): OpenedSession => {
  if (cause instanceof OidcgwError && cause.code === 'ERR_STORE') return { kind: 'undetermined', reason: 'session_store_down', cause }
  throw cause
}
