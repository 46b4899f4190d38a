import { OidcgwError } from '../errors.js'
import type { Host } from '../host.js'
import type { ProfileBook, ProfileEntry } from './book.js'
import type { ClientAuthMethod, GrantType, LoginOptions, Profile } from './profile.js'

/** What flags and environment say about the profile; each wins over the files. */
export interface ProfileOverrides extends Partial<Omit<Profile, 'name' | 'client' | 'login'>> {
  readonly clientId?: string
  /** A reference; `file:-` is stdin. */
  readonly clientSecret?: string
  readonly clientAuth?: ClientAuthMethod
  readonly login?: LoginOptions
}

/** The shared flags as the command line gives them. */
export interface ProfileFlags {
  readonly issuer?: string | undefined
  readonly clientId?: string | undefined
  readonly clientSecretFile?: string | undefined
}

/** Flags, then `OIDCGW_ISSUER`, `OIDCGW_CLIENT_ID`, `OIDCGW_CLIENT_SECRET_FILE`, `OIDCGW_CLIENT_SECRET`. For the one profile a command acts as. */
export function overridesFrom(flags: ProfileFlags, env: Host['env']): ProfileOverrides {
  const issuer = flags.issuer ?? (env['OIDCGW_ISSUER'] || undefined)
  const clientId = flags.clientId ?? (env['OIDCGW_CLIENT_ID'] || undefined)
  const file = flags.clientSecretFile ?? (env['OIDCGW_CLIENT_SECRET_FILE'] || undefined)
  const clientSecret = file !== undefined ? `file:${file}` : env['OIDCGW_CLIENT_SECRET'] ? 'env:OIDCGW_CLIENT_SECRET' : undefined
  return { ...(issuer !== undefined && { issuer }), ...(clientId !== undefined && { clientId }), ...(clientSecret && { clientSecret }) }
}

/**
 * The profile of that name with the overrides laid over it. Without a name: issuer and client id from the overrides alone, else the `default_profile`.
 * Default grant: `jwt_bearer` with an assertion, `client_credentials` with a secret or key, else `authorization_code`; default scope of the grants that sign a person in: `openid`.
 *
 * @throws {OidcgwError} `ERR_PROFILE_UNKNOWN`, `ERR_USAGE` when none is named and none is the default (both list what there is),
 * `ERR_CONFIG_INVALID` when issuer or client id are missing or unusable.
 */
export function resolveProfile(book: ProfileBook, name: string | undefined, overrides: ProfileOverrides = {}): Profile {
  const { clientId, clientSecret, clientAuth, login, ...rest } = overrides
  const adHoc = name === undefined && overrides.issuer !== undefined && clientId !== undefined
  const chosen = name ?? (adHoc ? undefined : book.default_profile)
  if (chosen === undefined && !adHoc) throw nothingChosen(book)
  const { where, ...entry } = chosen === undefined ? AD_HOC : entryOf(book, chosen)
  const client = {
    ...entry.client,
    ...(clientId !== undefined && { id: clientId }),
    ...(clientSecret !== undefined && { secret: clientSecret }),
    ...(clientAuth !== undefined && { auth: clientAuth }),
  }
  const merged = { ...entry, ...rest, ...((entry.login || login) && { login: { ...entry.login, ...login } }) }
  const grant = merged.grant ?? defaultGrant(client, merged.assertion)
  const scope = merged.scope ?? (SIGNS_IN.has(grant) ? 'openid' : undefined)
  const label = chosen ?? 'the command line'
  const { issuer } = merged
  if (!issuer) throw incomplete(label, where, 'no issuer', 'Write issuer: in the profile or pass --issuer')
  if (!client.id) throw incomplete(label, where, 'no client id', 'Write client: { id: … } in the profile or pass --client-id')
  if (!URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol)) {
    throw new OidcgwError('ERR_USAGE', `issuer: "${issuer}" is no http(s) URL`, {
      hint: 'It looks like https://idp.example/oauth2/default',
    })
  }
  return {
    ...merged,
    issuer,
    grant,
    ...(scope !== undefined && { scope }),
    client: { ...client, id: client.id },
    name: chosen ?? '(flags)',
  }
}

function defaultGrant({ secret, key, cert }: Partial<Profile['client']>, assertion: string | undefined): GrantType {
  if (assertion !== undefined) return 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  return secret || key || cert ? 'client_credentials' : 'authorization_code'
}

const AD_HOC: ProfileEntry = { where: 'the command line' }
const SIGNS_IN: ReadonlySet<GrantType> = new Set(['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code', 'implicit'])

function entryOf(book: ProfileBook, name: string): ProfileEntry {
  const entry = Object.hasOwn(book.profiles, name) ? book.profiles[name] : undefined
  if (entry) return entry
  throw new OidcgwError('ERR_PROFILE_UNKNOWN', `no profile named "${name}"`, { hint: listOf(book) })
}

const nothingChosen = (book: ProfileBook): OidcgwError =>
  new OidcgwError('ERR_USAGE', 'no profile was named and there is no default_profile', { hint: listOf(book) })

const incomplete = (label: string, where: string, what: string, hint: string): OidcgwError =>
  new OidcgwError('ERR_CONFIG_INVALID', `${label}: ${what}`, { hint, where })

function listOf({ profiles, file }: ProfileBook): string {
  const names = Object.keys(profiles)
  if (names.length > 0) return `Profiles: ${names.join(', ')}`
  return file
    ? 'There are no profiles yet; add one, or pass --issuer and --client-id'
    : 'There is no oidcgw.yaml here; write one with: oidcgw init, or pass --issuer and --client-id'
}
