import { createHash } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import type { Profile } from '../../profile/profile.js'
import type { TokenSet } from '../types.js'

/** Everything that makes one token another token. Two profiles that agree in all of it share their tokens. */
export type StoreFacts = Readonly<Record<string, unknown>>

/** What the store keeps for one set of facts. */
export interface StoredEntry {
  /** The profile that obtained it, for people. */
  readonly profile: string
  readonly facts: StoreFacts
  readonly tokens: TokenSet
  /** Private half of the key that the tokens are bound to (RFC 9449). */
  readonly dpopKey?: JsonWebKey
}

/** Keeps tokens between runs. A key is {@link storeKey}'s; an entry is replaced as a whole or not at all. */
export interface TokenStore {
  /** For people: `file /home/…/oidcgw`, `memory`. */
  readonly description: string
  readonly kind: 'file' | 'encrypted' | 'keyring' | 'memory'
  load(key: string): Promise<StoredEntry | undefined>
  save(key: string, entry: StoredEntry): Promise<void>
  remove(key: string): Promise<void>
  /** Removes every entry, readable or not; how many there were. */
  clear(): Promise<number>
  list(): Promise<readonly { readonly key: string; readonly entry: StoredEntry }[]>
  /** Runs `work` while no other process runs any for the same key. */
  withLock<T>(key: string, work: () => Promise<T>): Promise<T>
}

/** What identifies the tokens of a profile: issuer, client, user, grant and every parameter that changes what is asked for. Secrets are no part of it. */
export function storeFacts(profile: Profile): StoreFacts {
  const { issuer, grant, client, scope, login, name: _, present: __, par: ___, jar: ____, jarm: _____, ...asked } = profile
  return {
    issuer,
    client_id: client.id,
    grant,
    ...(login?.username && { user: login.username }),
    ...(scope && { scope: [...new Set(scope.split(/\s+/))].toSorted().join(' ') }),
    ...(client.cert && { cert: client.cert }),
    ...asked,
  }
}

/** SHA-256 over the facts, members sorted, so that no token's place tells whose it is. */
export const storeKey = (profile: Profile): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(storeFacts(profile))))
    .digest('hex')

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, sorted(one)]))
}
