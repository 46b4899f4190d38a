import type { Lease } from './store.js'

/** More names than this and the oldest are forgotten. */
const MAX_NAMES = 100_000

/** Names taken for a while within this process. */
export function createLocalLeases(now: () => number): (name: string, ttlMs: number) => Promise<Lease | undefined> {
  const taken = new Map<string, { readonly until: number }>()
  return async (name, ttlMs) => {
    const held = taken.get(name)
    if (held && held.until > now()) return undefined
    const mine = { until: now() + ttlMs }
    taken.delete(name)
    taken.set(name, mine)
    forgetOldest(taken, now())
    return {
      release: async () => {
        if (taken.get(name) === mine) taken.delete(name)
      },
    }
  }
}

/** Drops what has ended from the front, and the oldest of too many. */
function forgetOldest(taken: Map<string, { readonly until: number }>, now: number): void {
  for (const [name, { until }] of taken) {
    if (until > now && taken.size <= MAX_NAMES) return
    taken.delete(name)
  }
}
