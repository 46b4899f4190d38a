import type { ClientHost } from '../client/client-options.js'
import { createDpopProof } from '../client/dpop-proof.js'
import { obtainSession, type ObtainOptions, type Session } from '../client/session.js'
import { readSecret } from '../config/secret-reference.js'
import { OidcgwError } from '../errors.js'
import type { Host } from '../host.js'
import { formatBasic } from '../http/authorization.js'
import type { ProfileBook } from '../profile/book.js'
import type { Profile } from '../profile/profile.js'
import { resolveProfile, type ProfileOverrides } from '../profile/resolve.js'
import { ANONYMOUS, type Authorize, type Identity } from './authorize.js'
import type { Jar } from './cookie-jar.js'
import { openCookieSession } from './cookie-session.js'
import { withHeader, type ProbeRequest } from './request.js'

export interface IdentityContext {
  readonly host: Host & ClientHost
  readonly profiles: ProfileBook
  readonly overrides?: ProfileOverrides
  readonly obtain?: ObtainOptions
}

/**
 * Identities from the profiles of a project: each is logged in once, when it is first needed, and what came of it (a refusal too) is shared.
 * `basic:PROFILE` presents the client's own id and secret, `basic:USER:REFERENCE` a user's.
 */
export function createAuthorize(context: IdentityContext): Authorize {
  const sessions = new Map<string, Promise<Session>>()
  const jars = new Map<string, Promise<Jar>>()
  const profileOf = (name: string): Profile => resolveProfile(context.profiles, name, context.overrides)
  const logins: Logins = {
    session: (profile) => once(sessions, profile.name, () => obtainSession(profile, context.host, { ...context.obtain, profileOf })),
    cookies: (profile, request) =>
      once(jars, `${profile.name} ${request.origin}`, () => openCookieSession(request, profile, context.host, context.obtain ?? {})),
  }
  return async (request, identity, nonce) => {
    if (identity.name === ANONYMOUS || identity.present === 'none') return request
    if (identity.name.startsWith('basic:')) return carry(request, await basicOf(identity.name.slice(6), context, profileOf))
    const profile = profileOf(identity.name)
    return present(request, profile, identity, context, logins, nonce)
  }
}

/** What a profile was logged in to, once. */
interface Logins {
  session(profile: Profile): Promise<Session>
  cookies(profile: Profile, request: ProbeRequest): Promise<Jar>
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const made = known.get(key) ?? make()
  known.set(key, made)
  return made
}

async function present(
  request: ProbeRequest,
  profile: Profile,
  { present: way = profile.present ?? (profile.dpop ? 'dpop' : 'bearer') }: Identity,
  context: IdentityContext,
  logins: Logins,
  nonce: string | undefined,
): Promise<ProbeRequest> {
  switch (way) {
    case 'none':
      return request
    case 'basic':
      return carry(request, await clientBasic(profile, context))
    case 'bearer':
      return carry(request, `Bearer ${(await logins.session(profile)).tokens.access_token}`)
    case 'cookie':
      return (await logins.cookies(profile, request)).addTo(request)
    case 'dpop':
      return proven(request, profile, await logins.session(profile), context, nonce)
  }
}

async function proven(
  request: ProbeRequest,
  { name }: Profile,
  { tokens, dpopKey }: Session,
  { host }: IdentityContext,
  nonce: string | undefined,
): Promise<ProbeRequest> {
  if (!dpopKey)
    throw new OidcgwError('ERR_CONFIG_INVALID', `profile ${name}: present: dpop needs a bound token`, {
      hint: 'Write dpop: true in the profile',
    })
  const { method, origin, path } = request
  const call = { method, url: new URL(origin + path), accessToken: tokens.access_token, ...(nonce !== undefined && { nonce }) }
  const proof = await createDpopProof(dpopKey, call, host)
  return { ...request, headers: withHeader(withHeader(request.headers, 'authorization', `DPoP ${tokens.access_token}`), 'dpop', proof) }
}

const carry = (request: ProbeRequest, authorization: string): ProbeRequest => ({
  ...request,
  headers: withHeader(request.headers, 'authorization', authorization),
})

async function basicOf(text: string, context: IdentityContext, profileOf: (name: string) => Profile): Promise<string> {
  const colon = text.indexOf(':')
  if (colon < 0) return clientBasic(profileOf(text), context)
  const password = await readSecret(text.slice(colon + 1), { host: context.host, what: `the password of ${text.slice(0, colon)}` })
  return formatBasic({ username: text.slice(0, colon), password })
}

async function clientBasic({ name, client }: Profile, { host }: IdentityContext): Promise<string> {
  if (client.secret === undefined) throw new OidcgwError('ERR_USAGE', `${name} has no client secret to present as Basic`)
  return formatBasic({ username: client.id, password: await readSecret(client.secret, { host, what: `profiles.${name}.client.secret` }) })
}
