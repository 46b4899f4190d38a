import { OidcgwError } from '../../errors.js'
import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { prepareForToken } from './introspect-token.js'
import type { ClientFlags } from './login-context.js'

export interface RevokeFlags extends ClientFlags {
  readonly hint?: string
}

/** Revokes a token; without one, the profile's stored tokens, which are then forgotten here too. */
export const revoke: Command<[string | undefined], RevokeFlags> = async ([argument], flags, context) => {
  const { profile, host, options, named } = await prepareForToken(argument, flags, context)
  const [{ connect }, room, { openStore }, { storeKey }] = await Promise.all([
    import('../../client/connect.js'),
    import('../../client/revocation.js'),
    import('../../client/store/open.js'),
    import('../../client/store/store.js'),
  ])
  const store = await openStore(host, options)
  const key = storeKey(profile)
  const stored = named === undefined ? (await store.load(key))?.tokens : undefined
  const revoked = named === undefined ? [stored?.refresh_token, stored?.access_token].filter((token) => token !== undefined) : [named]
  if (revoked.length === 0) throw new OidcgwError('ERR_NO_TOKEN', `profile ${profile.name}: nothing is stored to revoke`)
  const provider = await connect(profile, host, options)
  for (const token of revoked) {
    const hint = flags.hint ?? (token === stored?.refresh_token ? 'refresh_token' : undefined)
    await room.revoke(provider, token, hint)
  }
  if (named === undefined) await store.remove(key)
  if (wantsJson(flags)) writeJson(host, { schema: 'oidcgw/revocation/v1', profile: profile.name, revoked: revoked.length })
  else if (!flags.quiet) host.stderr.write(`revoked: ${revoked.length} ${revoked.length === 1 ? 'token' : 'tokens'}\n`)
  return EXIT.yes
}
