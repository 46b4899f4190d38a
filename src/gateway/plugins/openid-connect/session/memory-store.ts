import { createLocalLeases } from './leases.js'
import type { SessionIndex, SessionStore } from './store.js'

/** A full store forgets its oldest sessions. */
const MAX_SESSIONS = 50_000

interface Entry {
  readonly sealed: Buffer
  /** Milliseconds since the epoch. */
  readonly until: number
}

export interface MemoryStore extends SessionStore {
  readonly size: number
}

/** Sessions of this process: gone with it. The stand-in for a Redis server on a laptop. */
export function createMemoryStore({ now }: { readonly now: () => number }): MemoryStore {
  const entries = new Map<string, Entry>()
  return {
    handles: 'kept',
    get size() {
      return entries.size
    },
    async save(key, sealed, ttlSeconds) {
      entries.delete(key)
      entries.set(key, { sealed, until: ttlSeconds === undefined ? Infinity : now() + ttlSeconds * 1000 })
      for (const [oldest, { until }] of entries) {
        if (until > now() && entries.size <= MAX_SESSIONS) break
        entries.delete(oldest)
      }
      return key
    },
    load(handle) {
      const entry = entries.get(handle)
      if (entry && entry.until > now()) return entry.sealed
      entries.delete(handle)
      return undefined
    },
    async destroy(handle) {
      entries.delete(handle)
    },
    acquire: createLocalLeases(now),
    index: createMemoryIndex(now),
    close: async () => undefined,
  }
}

function createMemoryIndex(now: () => number): SessionIndex {
  const groups = new Map<string, Map<string, number>>()
  return {
    async add(group, key, expiresAt) {
      const keys = groups.get(group) ?? new Map<string, number>()
      for (const [other, until] of keys) if (until <= now() / 1000) keys.delete(other)
      groups.set(group, keys.set(key, expiresAt))
    },
    async remove(group, key) {
      const keys = groups.get(group)
      keys?.delete(key)
      if (keys?.size === 0) groups.delete(group)
    },
  }
}
