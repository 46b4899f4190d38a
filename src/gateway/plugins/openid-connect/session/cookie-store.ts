import { createLocalLeases } from './leases.js'
import type { SessionStore } from './store.js'

/** The browser keeps the data: nothing to clean, nothing to revoke. Leases hold within this process. */
export function createCookieStore({ now }: { readonly now: () => number }): SessionStore {
  return {
    handles: 'carried',
    save: async (_key, sealed) => sealed.toString('base64url'),
    load: (handle) => Buffer.from(handle, 'base64url'),
    destroy: async () => undefined,
    acquire: createLocalLeases(now),
    close: async () => undefined,
  }
}
