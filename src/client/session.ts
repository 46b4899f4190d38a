import type { Profile } from '../profile/profile.js'
import type { ClientHost, ClientOptions } from './client-options.js'
import { openStore } from './store/open.js'
import { storeKey, type StoredEntry, type TokenStore } from './store/store.js'
import type { TokenSet } from './types.js'

export interface ObtainOptions extends ClientOptions {
  /** A stored token with less life left than this is renewed. Default 30. */
  readonly minTtlSeconds?: number
  /** Renew even a good one. */
  readonly fresh?: boolean
  /** Where tokens are kept; opened from the environment when absent. */
  readonly tokens?: TokenStore
  /** Finds another profile, for `profile:NAME` references. */
  readonly profileOf?: (name: string) => Profile
}

/** Tokens and what is needed to present them. */
export interface Session extends Pick<StoredEntry, 'tokens' | 'dpopKey'> {
  readonly origin: 'store' | 'refresh' | 'grant'
}

/**
 * The profile's tokens: stored ones while they last, else refreshed, else obtained anew. At most one process renews at a time.
 * @throws {OidcgwError} as the profile's grant does.
 */
export async function obtainTokens(profile: Profile, host: ClientHost, options: ObtainOptions = {}): Promise<TokenSet> {
  return (await obtainSession(profile, host, options)).tokens
}

/** The same with the key the tokens are bound to. */
export async function obtainSession(profile: Profile, host: ClientHost, options: ObtainOptions = {}): Promise<Session> {
  const store = options.tokens ?? (await openStore(host, options))
  const key = storeKey(profile)
  if (!options.fresh) {
    const entry = await store.load(key)
    if (entry && isGood(entry.tokens, host, options.minTtlSeconds)) return { ...entry, origin: 'store' }
  }
  const { renew } = await import('./renew.js')
  return renew(profile, store, host, options)
}

/** Whether the access token lives for at least that long. One that never said when it ends counts as good: a missing `expires_in` is no expiry. */
export function isGood({ expires_in, obtained_at }: TokenSet, { now }: Pick<ClientHost, 'now'>, minTtlSeconds = 30): boolean {
  return expires_in === undefined || obtained_at + expires_in - now().getTime() / 1000 > minTtlSeconds
}
