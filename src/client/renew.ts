import { OidcgwError } from '../errors.js'
import type { Profile } from '../profile/profile.js'
import type { ClientHost } from './client-options.js'
import { connect } from './connect.js'
import { createGrantRequest } from './grant-request.js'
import { GRANTS } from './grants/index.js'
import { refreshToken } from './grants/refresh-token.js'
import { checkIdToken, unmetAcr } from './id-token.js'
import { isGood, type ObtainOptions, type Session, type TokenOf } from './obtain-options.js'
import { storeFacts, storeKey, type StoredEntry, type TokenStore } from './store/store.js'

export interface Renewal {
  readonly store: TokenStore
  readonly host: ClientHost
  readonly options: ObtainOptions
  readonly tokenOf: TokenOf
}

/** Renews under the lock: whoever waited looks again first and takes what the other one got. */
export async function renew(profile: Profile, renewal: Renewal): Promise<Session> {
  const { store, host, options } = renewal
  const key = storeKey(profile)
  return store.withLock(key, async () => {
    const stored = await store.load(key)
    if (stored && !options.fresh && isGood(stored.tokens, host, options.minTtlSeconds)) return { ...stored, origin: 'store' }
    return (stored?.tokens.refresh_token && (await refresh(profile, stored, renewal))) || obtain(profile, renewal)
  })
}

/** Runs the profile's grant whatever is stored, and keeps the result. */
export async function obtainAnew(profile: Profile, renewal: Renewal): Promise<Session> {
  return renewal.store.withLock(storeKey(profile), () => obtain(profile, renewal))
}

async function obtain(profile: Profile, { store, host, options, tokenOf }: Renewal): Promise<Session> {
  const grant = GRANTS[profile.grant]
  assertSomebodyIsThere(profile, grant.needsPerson, options)
  const provider = await connect(profile, host, options)
  const { request, dpopKey } = await createGrantRequest(provider, tokenOf)
  const tokens = await grant.obtain(provider, request, host)
  checkIdToken(tokens, profile.client.id)
  const unmet = unmetAcr(tokens, profile.acr_values)
  if (unmet) options.say?.(`warning: ${unmet}`)
  return keep({ profile: profile.name, facts: storeFacts(profile), tokens, ...(dpopKey && { dpopKey }) }, profile, store, 'grant')
}

/** Undefined when the provider no longer takes the refresh token: then only the grant itself helps. */
async function refresh(profile: Profile, stored: StoredEntry, { store, host, options, tokenOf }: Renewal): Promise<Session | undefined> {
  const provider = await connect(profile, host, options)
  const { request, dpopKey } = await createGrantRequest(provider, tokenOf, stored.dpopKey)
  const before = stored.tokens
  try {
    const tokens = await refreshToken.obtain(provider, { ...request, refreshToken: before.refresh_token as string }, host)
    checkIdToken(tokens, profile.client.id, before)
    const carried = {
      ...(before.scope !== undefined && { scope: before.scope }),
      ...(before.id_token !== undefined && { id_token: before.id_token }),
    }
    return await keep({ ...stored, tokens: { ...carried, ...tokens }, ...(dpopKey && { dpopKey }) }, profile, store, 'refresh')
  } catch (cause) {
    if (!(cause instanceof OidcgwError && cause.code === 'ERR_GRANT_REFUSED' && cause.error === 'invalid_grant')) throw cause
    options.tell?.('the provider refused the refresh token; signing in again')
    return undefined
  }
}

async function keep(entry: StoredEntry, profile: Profile, store: TokenStore, origin: Session['origin']): Promise<Session> {
  await store.save(storeKey(profile), entry)
  return { ...entry, origin }
}

function assertSomebodyIsThere({ name, login }: Profile, needsPerson: boolean, { interactive, browser }: ObtainOptions): void {
  if (!needsPerson || interactive || login?.driver === 'form' || (browser !== undefined && browser !== 'none')) return
  throw new OidcgwError('ERR_NEEDS_PERSON', `profile ${name}: somebody has to sign in`, {
    hint: 'Run oidcgw login on a terminal, name a browser with --browser CMD, or write login: { driver: form, … }',
  })
}
