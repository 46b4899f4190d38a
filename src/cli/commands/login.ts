import type { Session } from '../../client/session.js'
import { formatDuration } from '../../config/duration.js'
import { maskToken } from '../../http/redact.js'
import type { Profile } from '../../profile/profile.js'
import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { prepareClient, type ClientFlags } from './login-context.js'

/** Obtains tokens by the profile's grant, whatever is stored, and keeps them. */
export const login: Command<[string | undefined], ClientFlags> = async ([name], flags, context) => {
  const { profile, host, options } = await prepareClient(name, flags, context)
  const [{ openStore }, { signIn }] = await Promise.all([import('../../client/store/open.js'), import('../../client/renew.js')])
  const store = await openStore(host, options)
  const session = await signIn(profile, store, host, options)
  if (wantsJson(flags)) writeJson(host, loginDocument(profile, session, store.description))
  else if (!flags.quiet) host.stderr.write(`${loginText(profile, session)}\nkept in ${store.description}\n`)
  return EXIT.yes
}

function loginText(profile: Profile, { tokens }: Session): string {
  const life = tokens.expires_in === undefined ? 'no expiry said' : `${formatDuration(tokens.expires_in * 1000)} left`
  const kinds = ['access', ...(tokens.id_token ? ['ID'] : []), ...(tokens.refresh_token ? ['refresh'] : [])].join(', ')
  return `${profile.name}: ${kinds} token from ${profile.issuer} (${tokens.scope ?? profile.scope ?? 'default scope'}; ${life}; ${maskToken(tokens.access_token)})`
}

function loginDocument(profile: Profile, { tokens }: Session, store: string) {
  return {
    schema: 'oidcgw/login@1',
    profile: profile.name,
    issuer: profile.issuer,
    client_id: profile.client.id,
    grant: profile.grant,
    token_type: tokens.token_type,
    scope: tokens.scope ?? profile.scope ?? null,
    expires_at: tokens.expires_in === undefined ? null : new Date((tokens.obtained_at + tokens.expires_in) * 1000).toISOString(),
    access_token: maskToken(tokens.access_token),
    has_id_token: tokens.id_token !== undefined,
    has_refresh_token: tokens.refresh_token !== undefined,
    store,
  }
}
