import { isGood } from '../../client/obtain-options.js'
import { obtainSession } from '../../client/session.js'
import type { TokenSet } from '../../client/types.js'
import { OidcgwError } from '../../errors.js'
import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { authorizationOf, environmentOf } from './token-environment.js'
import { prepareClient, type ClientFlags } from './login-context.js'

export interface TokenFlags extends ClientFlags {
  /** `-H`: as a header line. */
  readonly header?: boolean
  /** As shell assignments. */
  readonly env?: boolean
  /** The ID token instead. */
  readonly id?: boolean
  /** Milliseconds. */
  readonly minTtl?: number
  readonly fresh?: boolean
  /** Says only by exit code whether a stored token is still good. */
  readonly check?: boolean
}

/** Prints the profile's access token, renewing it if needed; nothing else on stdout. */
export const token: Command<[string | undefined], TokenFlags> = async ([name], flags, context) => {
  const { profile, host, options } = await prepareClient(name, flags, context)
  const minTtlSeconds = flags.minTtl === undefined ? undefined : flags.minTtl / 1000
  if (flags.check) {
    const [{ openStore }, { storeKey }] = await Promise.all([import('../../client/store/open.js'), import('../../client/store/store.js')])
    const entry = await (await openStore(host, options)).load(storeKey(profile))
    return entry && isGood(entry.tokens, host, minTtlSeconds) ? EXIT.yes : EXIT.no
  }
  const { tokens, origin } = await obtainSession(profile, host, {
    ...options,
    ...(minTtlSeconds !== undefined && { minTtlSeconds }),
    ...(flags.fresh && { fresh: true }),
  })
  const wanted = flags.id ? tokens.id_token : tokens.access_token
  if (wanted === undefined) {
    throw new OidcgwError('ERR_NO_TOKEN', `profile ${profile.name} has no ID token`, {
      hint: 'Ask for the scope openid with a grant that signs a person in',
    })
  }
  if (host.env['GITHUB_ACTIONS'] === 'true' && !flags.header && !flags.env) host.stderr.write(`::add-mask::${wanted}\n`)
  if (wantsJson(flags)) writeJson(host, { schema: 'oidcgw/token/v1', profile: profile.name, origin, ...tokens })
  else if (flags.header) host.stdout.write(`Authorization: ${authorizationOf({ ...tokens, access_token: wanted })}\n`)
  else if (flags.env) host.stdout.write(envLines(tokens))
  else host.stdout.write(`${wanted}\n`)
  return EXIT.yes
}

const envLines = (tokens: TokenSet): string =>
  Object.entries(environmentOf(tokens))
    .map(([name, value]) => `export ${name}=${shellQuote(value)}\n`)
    .join('')

const shellQuote = (text: string): string => (/^[\w.~+/=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`)
