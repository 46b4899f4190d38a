import type { Profile } from '../profile/profile.js'
import type { ClientHost, ClientOptions } from './client-options.js'
import type { StoredEntry, TokenStore } from './store/store.js'
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

/** The access token of another profile. */
export type TokenOf = (profile: string) => Promise<string>

/** Whether the access token lives for at least that long. One that never said when it ends counts as good: a missing `expires_in` is no expiry. */
export function isGood({ expires_in, obtained_at }: TokenSet, { now }: Pick<ClientHost, 'now'>, minTtlSeconds = 30): boolean {
  return expires_in === undefined || obtained_at + expires_in - now().getTime() / 1000 > minTtlSeconds
}
