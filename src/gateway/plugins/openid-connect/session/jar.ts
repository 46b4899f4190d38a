import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import type { ReasonCode } from '../../../../trace/reason.js'
import type { Exchange } from '../../plugin.js'
import { after } from '../eventually.js'
import type { Eventually } from '../types.js'
import {
  cookieValues,
  formatClearing,
  formatCookie,
  joinChunks,
  splitValue,
  staleChunks,
  chunkName,
  type CookieAttributes,
} from './cookie.js'
import {
  base64urlLength,
  decodeBase64url,
  decodeHeader,
  encodeFront,
  encodeHeader,
  HEADER_CHARS,
  SID_BYTES,
  type Header,
} from './header.js'
import { SEAL_OVERHEAD, type Purpose, type Sealer } from './seal.js'
import type { SessionStore } from './store.js'
import { expiredBy, storageTtl, type Timeouts } from './timeouts.js'

/** Above this the content is deflated. Bytes. */
const DEFLATE_ABOVE = 1024
/** Nothing of ours is larger; a bound for inflating. */
const MAX_PLAIN_BYTES = 1_048_576
/** Cookies of one name that are tried: a parent domain may have planted a further one (G-108, G-124). */
const MAX_CANDIDATES = 4
/** How long a replaced id still leads to its successor, for requests that were under way. Seconds (lua-resty-session's `stale_ttl`). */
export const STALE_SECONDS = 10
/** Cookies whose MAC and content need no second look: a session in use costs no cryptography. */
const MAX_KNOWN = 5_000
/** A replaced id may have been replaced again meanwhile. */
const MAX_HOPS = 4

const KIND_DATA = 0
const KIND_SUCCESSOR = 1

/** One content as the browser and the store hold it. */
export interface Ticket {
  readonly header: Header
  readonly handle: string
}

export type JarReading =
  | { readonly kind: 'found'; readonly ticket: Ticket; readonly plain: Buffer; readonly moved: boolean }
  | { readonly kind: 'absent'; readonly reason?: ReasonCode }

export interface JarSettings {
  readonly purpose: Purpose
  readonly name: string
  attributes(exchange: Exchange): CookieAttributes
  /** What else of the request the cookie is tied to (`session_bind`). */
  binding?(exchange: Exchange): readonly string[]
  readonly timeouts: Timeouts
  /** Seconds the browser keeps it; absent: until it is closed. */
  readonly persistSeconds?: number
  readonly hashStorageKey?: boolean
  readonly sealer: Sealer
  readonly store: SessionStore
  readonly random: (bytes: number) => Buffer
}

/** One sealed content behind one cookie name. Every method that touches the store throws `ERR_STORE` when it cannot be reached. */
export interface Jar {
  /** What the browser sent: integrity, then timeouts, then the content. */
  read(exchange: Exchange): Eventually<JarReading>
  /** Seals under a new id, stores and sets the cookie. `replaced` leads to the new one for {@link STALE_SECONDS}. */
  put(exchange: Exchange, plain: Buffer, options: { readonly createdAt: number; readonly replaced?: Ticket }): Promise<Ticket>
  /** Sets the cookie of a ticket, stamped as used now. */
  issue(exchange: Exchange, ticket: Ticket): Ticket
  /** Takes the cookie away, and what is stored. */
  drop(exchange: Exchange, ticket: Ticket | undefined): Promise<void>
  /** Takes away what is stored, not the cookie. */
  discard(ticket: Ticket): Promise<void>
  /** Where a ticket leads by now; undefined when it was not replaced. */
  successor(exchange: Exchange, ticket: Ticket): Promise<(JarReading & { kind: 'found' }) | undefined>
}

export const seconds = (exchange: Pick<Exchange, 'now'>): number => Math.floor(exchange.now() / 1000)

export function createJar(settings: JarSettings): Jar {
  const { purpose, name, sealer, store, timeouts } = settings
  const bindingOf = (exchange: Exchange) => [name, ...(settings.binding?.(exchange) ?? [])]
  const keyOf = (sid: Buffer) =>
    `${name}:${(settings.hashStorageKey ? createHash('sha256').update(sid).digest() : sid).toString('base64url')}`
  const contextOf = (header: Omit<Header, 'tag' | 'idleSince'>) => [name, encodeFront(header)]

  const setCookie = (exchange: Exchange, { header, handle }: Ticket): void => {
    const value = encodeHeader(header, sealer, purpose, bindingOf(exchange)) + (header.stored ? '' : handle)
    const attributes = settings.attributes(exchange)
    const chunks = splitValue(name, value)
    const persist = settings.persistSeconds === undefined ? undefined : { maxAgeSeconds: settings.persistSeconds, now: seconds(exchange) }
    for (const [chunk, part] of chunks) exchange.downstream.append('Set-Cookie', formatCookie(chunk, part, attributes, persist))
    for (const stale of staleChunks(exchange.request.headers['cookie'], name, chunks.length)) {
      exchange.downstream.append('Set-Cookie', formatClearing(chunkName(name, stale), attributes))
    }
    exchange.downstream.set('Cache-Control', 'no-store')
  }

  const known = new LRUCache<string, Header>({ max: MAX_KNOWN })
  const contents = new WeakMap<Header, { readonly source: string | Buffer; readonly plain: Buffer }>()

  /** Integrity first, also of what is known: the same text under the same binding was verified before. */
  const readHeader = (exchange: Exchange, text: string): Header | undefined => {
    const binding = bindingOf(exchange)
    const key = [text, ...binding].join('\n')
    const verified = known.get(key)
    if (verified) return verified
    const header = decodeHeader(text, sealer, purpose, binding)
    if (header) known.set(key, header)
    return header
  }

  const readCandidate = (exchange: Exchange, first: string): Eventually<JarReading> => {
    const header = readHeader(exchange, first.slice(0, HEADER_CHARS))
    if (!header || header.stored !== (store.handles === 'kept')) return { kind: 'absent', reason: 'session_invalid' }
    const expired = expiredBy(header, timeouts, seconds(exchange))
    if (expired) return { kind: 'absent', reason: expired }
    const handle = header.stored ? keyOf(header.sid) : carriedHandle(exchange, first, header)
    if (handle === undefined || (header.stored && first.length !== HEADER_CHARS)) return { kind: 'absent', reason: 'session_invalid' }
    return follow(exchange, { header, handle })
  }

  const carriedHandle = (exchange: Exchange, first: string, header: Header): string | undefined => {
    const length = HEADER_CHARS + base64urlLength(header.size)
    const value = joinChunks(exchange.request.headers['cookie'], name, first, length)
    const carried = value?.slice(HEADER_CHARS)
    if (carried === undefined || contents.get(header)?.source === carried) return carried
    return decodeBase64url(carried, header.size) ? carried : undefined
  }

  /** The first of the values that opens; else why the last one does not. */
  const readCandidates = (exchange: Exchange, values: readonly string[], miss: JarReading): Eventually<JarReading> => {
    const [first, ...others] = values
    if (first === undefined) return miss
    return after(readCandidate(exchange, first), (reading) =>
      reading.kind === 'found' ? reading : readCandidates(exchange, others, reading),
    )
  }

  const follow = (exchange: Exchange, ticket: Ticket, hop = 0): Eventually<JarReading> => {
    const cached = contents.get(ticket.header)
    if (cached && cached.source === ticket.handle) return { kind: 'found', ticket, plain: cached.plain, moved: false }
    return after(store.load(ticket.handle), (stored) => openStored(exchange, ticket, stored, hop))
  }

  const openStored = (exchange: Exchange, ticket: Ticket, stored: Buffer | undefined, hop: number): Eventually<JarReading> => {
    if (!stored) return { kind: 'absent', reason: 'session_invalid' }
    if (!ticket.header.stored || stored[0] === KIND_DATA) {
      const cached = contents.get(ticket.header)
      const source = ticket.header.stored ? stored : ticket.handle
      if (cached?.source === source) return { kind: 'found', ticket, plain: cached.plain, moved: hop > 0 }
      const plain = unseal(ticket.header, ticket.header.stored ? stored.subarray(1) : stored)
      if (!plain) return { kind: 'absent', reason: 'session_invalid' }
      contents.set(ticket.header, { source, plain })
      return { kind: 'found', ticket, plain, moved: hop > 0 }
    }
    const header = openSuccessor(exchange, ticket.header.sid, stored)
    return header && hop + 1 < MAX_HOPS
      ? follow(exchange, { header, handle: keyOf(header.sid) }, hop + 1)
      : { kind: 'absent', reason: 'session_invalid' }
  }

  const unseal = (header: Header, bytes: Buffer): Buffer | undefined => {
    const plain = sealer.open(header.sid, purpose, contextOf(header), { bytes, tag: header.tag })
    return plain && header.deflated ? inflateRawSync(plain, { maxOutputLength: MAX_PLAIN_BYTES }) : plain
  }

  const sealSuccessor = (exchange: Exchange, replaced: Ticket, header: Header): Buffer => {
    const text = encodeHeader(header, sealer, purpose, bindingOf(exchange))
    const { bytes, tag } = sealer.seal(replaced.header.sid, 'successor', [name], Buffer.from(text))
    return Buffer.concat([Buffer.of(KIND_SUCCESSOR), tag, bytes])
  }

  const openSuccessor = (exchange: Exchange, sid: Buffer, stored: Buffer): Header | undefined => {
    if (stored[0] !== KIND_SUCCESSOR) return undefined
    const plain = sealer.open(sid, 'successor', [name], { tag: stored.subarray(1, 17), bytes: stored.subarray(17) })
    return plain && decodeHeader(plain.toString('latin1'), sealer, purpose, bindingOf(exchange))
  }

  return {
    read: (exchange) =>
      readCandidates(exchange, cookieValues(exchange.request.headers['cookie'], name).slice(0, MAX_CANDIDATES), { kind: 'absent' }),
    async put(exchange, content, { createdAt, replaced }) {
      const now = seconds(exchange)
      const deflated = content.length > DEFLATE_ABOVE
      const plain = deflated ? deflateRawSync(content) : content
      const stored = store.handles === 'kept'
      const front = { sid: settings.random(SID_BYTES), createdAt, rolledAt: now, deflated, stored, size: plain.length + SEAL_OVERHEAD }
      const { bytes, tag } = sealer.seal(front.sid, purpose, contextOf(front), plain)
      const header: Header = { ...front, idleSince: now, tag }
      const ttl = storageTtl(header, timeouts, now)
      const handle = await store.save(keyOf(header.sid), stored ? Buffer.concat([Buffer.of(KIND_DATA), bytes]) : bytes, ttl)
      const ticket = { header, handle }
      setCookie(exchange, ticket)
      if (replaced?.header.stored) await store.save(replaced.handle, sealSuccessor(exchange, replaced, header), STALE_SECONDS)
      return ticket
    },
    issue(exchange, { header, handle }) {
      const ticket = { header: { ...header, idleSince: Math.max(header.idleSince, seconds(exchange)) }, handle }
      setCookie(exchange, ticket)
      return ticket
    },
    async drop(exchange, ticket) {
      const sent = exchange.request.headers['cookie']
      const attributes = settings.attributes(exchange)
      const names = staleChunks(sent, name, 1).map((index) => chunkName(name, index))
      for (const cookie of [name, ...names]) exchange.downstream.append('Set-Cookie', formatClearing(cookie, attributes))
      exchange.downstream.set('Cache-Control', 'no-store')
      if (ticket) await store.destroy(ticket.handle)
    },
    discard: (ticket) => store.destroy(ticket.handle),
    async successor(exchange, ticket) {
      if (!ticket.header.stored) return undefined
      const reading = await follow(exchange, ticket)
      return reading.kind === 'found' && reading.moved ? reading : undefined
    },
  }
}
