import type { StoredEntry, TokenStore } from './store.js'

/** Forgets everything when the process ends. */
export function createMemoryStore(): TokenStore {
  const entries = new Map<string, StoredEntry>()
  const tails = new Map<string, Promise<unknown>>()
  return {
    kind: 'memory',
    description: 'memory, gone when the command ends',
    load: async (key) => entries.get(key),
    save: async (key, entry) => void entries.set(key, entry),
    remove: async (key) => void entries.delete(key),
    clear: async () => {
      const { size } = entries
      entries.clear()
      return size
    },
    list: async () => [...entries].map(([key, entry]) => ({ key, entry })),
    withLock: (key, work) => {
      const run = (tails.get(key) ?? Promise.resolve()).then(work)
      tails.set(
        key,
        run.catch(() => undefined),
      )
      return run
    },
  }
}
