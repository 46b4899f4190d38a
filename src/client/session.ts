import { OidcgwError } from '../errors.js'
import type { Profile } from '../profile/profile.js'
import type { ClientHost } from './client-options.js'
import { isGood, type ObtainOptions, type Session, type TokenOf } from './obtain-options.js'
import { openStore } from './store/open.js'
import { storeKey } from './store/store.js'
import type { TokenSet } from './types.js'

export type { ObtainOptions, Session } from './obtain-options.js'

/**
 * The profile's tokens: stored ones while they last, else refreshed, else obtained anew. At most one process renews at a time.
 * @throws {OidcgwError} as the profile's grant does.
 */
export async function obtainTokens(profile: Profile, host: ClientHost, options: ObtainOptions = {}): Promise<TokenSet> {
  return (await obtainSession(profile, host, options)).tokens
}

/** The same with the key the tokens are bound to. */
export async function obtainSession(profile: Profile, host: ClientHost, options: ObtainOptions = {}): Promise<Session> {
  return obtainFor(profile, host, options, [profile.name])
}

/** Runs the profile's grant whatever is stored, and keeps the result. */
export async function signIn(profile: Profile, host: ClientHost, options: ObtainOptions = {}): Promise<Session> {
  const { obtainAnew } = await import('./renew.js')
  const store = options.tokens ?? (await openStore(host, options))
  return obtainAnew(profile, { store, host, options, tokenOf: tokenOf(host, options, [profile.name]) })
}

async function obtainFor(profile: Profile, host: ClientHost, options: ObtainOptions, names: readonly string[]): Promise<Session> {
  const store = options.tokens ?? (await openStore(host, options))
  if (!options.fresh) {
    const entry = await store.load(storeKey(profile))
    if (entry && isGood(entry.tokens, host, options.minTtlSeconds)) return { ...entry, origin: 'store' }
  }
  // What talks to a provider is loaded only now: a token that is still good costs none of it.
  const { renew } = await import('./renew.js')
  return renew(profile, { store, host, options, tokenOf: tokenOf(host, options, names) })
}

/** For `profile:NAME` references; a circle of them would wait for its own lock. */
function tokenOf(host: ClientHost, options: ObtainOptions, names: readonly string[]): TokenOf {
  return async (name) => {
    const circle = [...names, name].join(' → ')
    if (names.includes(name)) throw new OidcgwError('ERR_CONFIG_INVALID', `profile ${names[0]}: its tokens go in a circle: ${circle}`)
    const profile = options.profileOf?.(name)
    if (!profile) throw new OidcgwError('ERR_PROFILE_UNKNOWN', `no profile named "${name}" can be found here`)
    return (await obtainFor(profile, host, { ...options, fresh: false }, [...names, name])).tokens.access_token
  }
}
