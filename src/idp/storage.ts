import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

interface Entry {
  readonly payload: AdapterPayload
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const SWEEP_EVERY = 1000

/**
 * Everything the provider remembers, in one map that outlives the provider object: key rotation builds a new provider over the same storage.
 * Clients are not in it; they come from the application list, so that a deactivated one is unknown at once.
 */
export function createStorage(findClient: (clientId: string) => AdapterPayload | undefined, now: () => Date): AdapterFactory {
  const entries = new Map<string, Entry>()
  const grants = new Map<string, Set<string>>()
  const aliases = new Map<string, string>()
  let writes = 0

  const remove = (key: string): void => {
    const { payload } = entries.get(key) ?? {}
    entries.delete(key)
    if (payload?.grantId) grants.get(payload.grantId)?.delete(key)
  }
  const sweep = (): void => {
    if (++writes % SWEEP_EVERY !== 0) return
    const time = now().getTime()
    for (const [key, { expiresAt }] of entries) if (expiresAt <= time) remove(key)
    for (const [grantId, keys] of grants) if (keys.size === 0) grants.delete(grantId)
    for (const [alias, key] of aliases) if (!entries.has(key)) aliases.delete(alias)
  }

  return (model: string): Adapter => {
    const keyOf = (id: string): string => `${model}:${id}`
    const find = async (key: string | undefined): Promise<AdapterPayload | undefined> => (key ? entries.get(key)?.payload : undefined)
    return {
      upsert: async (id, payload, expiresIn) => {
        const key = keyOf(id)
        entries.set(key, { payload, expiresAt: expiresIn ? now().getTime() + expiresIn * 1000 : Infinity })
        if (payload.grantId) grants.set(payload.grantId, (grants.get(payload.grantId) ?? new Set()).add(key))
        if (payload.uid) aliases.set(`${model}:uid:${payload.uid}`, key)
        if (payload.userCode) aliases.set(`${model}:code:${payload.userCode}`, key)
        sweep()
      },
      find: async (id) => (model === 'Client' ? findClient(id) : find(keyOf(id))),
      findByUid: (uid) => find(aliases.get(`${model}:uid:${uid}`)),
      findByUserCode: (userCode) => find(aliases.get(`${model}:code:${userCode}`)),
      consume: async (id) => {
        const payload = await find(keyOf(id))
        if (payload) payload.consumed = Math.floor(now().getTime() / 1000)
      },
      destroy: async (id) => remove(keyOf(id)),
      revokeByGrantId: async (grantId) => {
        for (const key of grants.get(grantId) ?? []) if (key.startsWith(`${model}:`)) remove(key)
      },
    }
  }
}
