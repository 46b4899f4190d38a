import { setTimeout as sleep } from 'node:timers/promises'
import { OidcgwError } from '../../../../errors.js'
import type { Exchange } from '../../plugin.js'
import type { Renewed } from '../types.js'
import { decodeEntries, ownEntry, type Entry, type Owner } from './envelope.js'
import { STALE_SECONDS, type Jar, type Ticket } from './jar.js'
import type { Live } from './live.js'
import type { SessionStore } from './store.js'

/** How long a lease outlives the call it is for: a holder that died gives way after `timeout` and this. Milliseconds. */
const LEASE_MARGIN_MS = 5_000
/** Between two looks at a lease that another process holds. Milliseconds. */
const POLL_MS = 40
/** Sessions whose outcome is kept for those who come late with the old cookie. */
const MAX_RECENT = 10_000

type Written = { readonly kind: 'data'; readonly write: () => Promise<Live> } | Exclude<Renewed, { readonly kind: 'data' }>

type Outcome = { readonly kind: 'live'; readonly live: Live; readonly mine: boolean } | Exclude<Renewed, { readonly kind: 'data' }>

export interface Once<Value> {
  readonly value: Value
  /** True for the one request whose work it was. */
  readonly mine: boolean
}

export interface Renewals {
  /** One run of `work` among the parallel requests of a session; the others wait for it. */
  exclusive(exchange: Exchange, live: Live, work: (current: Live) => Promise<Written>): Promise<Outcome>
  /** The same for work that may as well be left to another process; undefined then. */
  optional(exchange: Exchange, live: Live, work: () => Promise<Live>): Promise<Once<Live> | undefined>
  /** One run of `work` among parallel requests in this process. */
  once<Value>(name: string, work: () => Promise<Value>): Promise<Once<Value>>
  /** A destroyed session is handed to nobody any more. */
  forget(live: Live): void
}

export interface RenewalParts {
  readonly store: SessionStore
  readonly jar: Jar
  readonly owner: Owner
  /** Of one call to the provider. */
  readonly timeoutMs: number
  readonly now: () => number
  readonly liveOf: (entries: readonly Entry[], entry: Entry, ticket: Ticket, remembered: Ticket | undefined) => Live
}

export function createRenewals({ store, jar, owner, timeoutMs, now, liveOf }: RenewalParts): Renewals {
  const flights = new Map<string, Promise<unknown>>()
  const recent = new Map<string, { readonly live: Live; readonly until: number }>()
  const leaseMs = timeoutMs + LEASE_MARGIN_MS

  const once = async <Value>(name: string, work: () => Promise<Value>): Promise<Once<Value>> => {
    const flying = flights.get(name) as Promise<Value> | undefined
    if (flying) return { value: await flying, mine: false }
    const flight = work().finally(() => flights.delete(name))
    flights.set(name, flight)
    return { value: await flight, mine: true }
  }

  const remember = (id: string, live: Live): Live => {
    for (const [oldest, { until }] of recent) {
      if (until > now() && recent.size < MAX_RECENT) break
      recent.delete(oldest)
    }
    recent.set(id, { live, until: now() + STALE_SECONDS * 1000 })
    return live
  }

  const recentOf = (id: string): Live | undefined => {
    const entry = recent.get(id)
    return entry && entry.until > now() ? entry.live : undefined
  }

  /** What other requests made of the session meanwhile, in this process or another. */
  const newest = async (exchange: Exchange, live: Live): Promise<Live> => {
    const late = recentOf(live.session.id)
    if (late) return late
    const reading = await jar.successor(exchange, live.ticket)
    const entries = reading && decodeEntries(reading.plain)
    const entry = entries && ownEntry(entries, owner)
    return reading && entry ? liveOf(entries, entry, reading.ticket, live.remembered) : live
  }

  const isGone = async ({ ticket }: Live): Promise<boolean> => ticket.header.stored && (await store.load(ticket.handle)) === undefined

  const run = async (exchange: Exchange, live: Live, work: (current: Live) => Promise<Written>): Promise<Outcome> => {
    for (let waited = 0; waited <= 2 * leaseMs; waited += POLL_MS) {
      const lease = await store.acquire(leaseName(live), leaseMs)
      try {
        const current = await newest(exchange, live)
        if (isRenewed(live, current)) return { kind: 'live', live: current, mine: false }
        if (lease) return await underLease(current, work)
      } finally {
        await lease?.release().catch(() => undefined) // it ends by itself
      }
      await sleep(POLL_MS)
    }
    return { kind: 'undetermined', reason: 'session_store_down', detail: 'the lease of the session never became free' }
  }

  const underLease = async (current: Live, work: (current: Live) => Promise<Written>): Promise<Outcome> => {
    const written = await work(current)
    if (written.kind !== 'data') return written
    if (await isGone(current)) return { kind: 'refused', reason: 'session_invalid', detail: 'the session ended meanwhile' }
    const live = await written.write()
    return { kind: 'live', live: remember(current.session.id, live), mine: true }
  }

  return {
    once,
    async exclusive(exchange, live, work) {
      try {
        const { value, mine } = await once(`renew:${live.session.id}`, () => run(exchange, live, work))
        return value.kind === 'live' ? { ...value, mine: mine && value.mine } : value
      } catch (cause) {
        if (cause instanceof OidcgwError && cause.code === 'ERR_STORE') return { kind: 'undetermined', reason: 'session_store_down', cause }
        throw cause
      }
    },
    async optional(exchange, live, work) {
      const { value, mine } = await once(`touch:${live.session.id}`, async (): Promise<Live | undefined> => {
        const lease = await store.acquire(leaseName(live), leaseMs)
        try {
          const current = await newest(exchange, live)
          if (current !== live || !lease) return current === live ? undefined : current
          return remember(live.session.id, await work())
        } finally {
          await lease?.release().catch(() => undefined)
        }
      })
      return value && { value, mine }
    },
    forget({ session: { id } }) {
      recent.delete(id)
      for (const [replaced, { live }] of recent) if (live.session.id === id) recent.delete(replaced)
    },
  }
}

const leaseName = ({ session }: Live): string => `renewal:${session.id}`

/** A new generation of the same tokens is no renewal. */
const isRenewed = (before: Live, after: Live): boolean => before.session.data.tokens.access_token !== after.session.data.tokens.access_token
