import type { RouteWishes } from '../../client/route-wishes.js'
import { isGood, type Session } from '../../client/obtain-options.js'
import { formatDuration } from '../../config/duration.js'
import { maskToken } from '../../http/redact.js'
import type { Profile } from '../../profile/profile.js'
import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { prepareClient, type ClientFlags, type ClientRun } from './login-context.js'
import { authorizationOf } from './token-environment.js'

export interface LoginFlags extends ClientFlags {
  /** A route that says what it wants. */
  readonly for?: string
}

/** Obtains tokens by the profile's grant, whatever is stored, and keeps them. */
export const login: Command<[string | undefined], LoginFlags> = async ([name], flags, context) => {
  const plain = await prepareClient(name, flags, context)
  const wishes = flags.for === undefined ? undefined : await wishesOf(flags.for, plain, flags.quiet === true)
  const { profile, host, options } = wishes ? await prepareClient(name, flags, context, wishes.asks) : plain
  const [{ openStore }, { signIn }] = await Promise.all([import('../../client/store/open.js'), import('../../client/session.js')])
  const store = await openStore(host, options)
  const session = await signIn(profile, host, { ...options, tokens: store })
  if (wantsJson(flags)) writeJson(host, loginDocument(profile, session, store.description))
  else if (!flags.quiet) host.stderr.write(`${loginText(profile, session)}\nkept in ${store.description}\n`)
  return EXIT.yes
}

/** Asks the route bare, and once more with a token that is kept already: a step-up challenge (RFC 9470) comes only then. */
async function wishesOf(route: string, { profile, host, options }: ClientRun, quiet: boolean): Promise<RouteWishes> {
  const [{ parseRoute, readRouteWishes }, { openStore }, { storeKey }] = await Promise.all([
    import('../../client/route-wishes.js'),
    import('../../client/store/open.js'),
    import('../../client/store/store.js'),
  ])
  const url = parseRoute(route)
  const bare = await readRouteWishes(url, host, options)
  const kept = await (await openStore(host, options)).load(storeKey(profile))
  const stepUp =
    kept && !kept.dpopKey && isGood(kept.tokens, host) ? await readRouteWishes(url, host, options, authorizationOf(kept.tokens)) : undefined
  const wishes = { ...bare, asks: { ...bare.asks, ...stepUp?.asks }, found: [...bare.found, ...(stepUp?.found ?? [])] }
  if (!quiet) for (const line of wishes.found) host.stderr.write(`${line}\n`)
  if (wishes.issuers.length > 0 && !wishes.issuers.includes(profile.issuer)) {
    host.stderr.write(`warning: the route trusts ${wishes.issuers.join(', ')}, not ${profile.issuer}\n`)
  }
  const asks = Object.entries(wishes.asks).map(([field, value]) => `${field}: ${JSON.stringify(value)}`)
  if (!quiet && asks.length > 0) host.stderr.write(`to have it always, write into the profile: { ${asks.join(', ')} }\n`)
  return wishes
}

function loginText(profile: Profile, { tokens }: Session): string {
  const life = tokens.expires_in === undefined ? 'no expiry said' : `${formatDuration(tokens.expires_in * 1000)} left`
  const kinds = ['access', ...(tokens.id_token ? ['ID'] : []), ...(tokens.refresh_token ? ['refresh'] : [])].join(', ')
  return `${profile.name}: ${kinds} token from ${profile.issuer} (${tokens.scope ?? profile.scope ?? 'default scope'}; ${life}; ${maskToken(tokens.access_token)})`
}

function loginDocument(profile: Profile, { tokens }: Session, store: string) {
  return {
    schema: 'oidcgw/login/v1',
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
