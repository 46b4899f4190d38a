import { OidcgwError } from '../../errors.js'
import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { prepareClient, type ClientFlags } from './login-context.js'

export interface LogoutFlags extends ClientFlags {
  /** Only forget the tokens here. */
  readonly local?: boolean
  readonly postLogoutRedirectUri?: string
}

/**
 * Ends what `login` began: revokes the refresh token where the provider can, forgets the tokens, and sends the browser to the provider's
 * logout (RP-Initiated Logout) when a person signed in.
 */
export const logout: Command<[string | undefined], LogoutFlags> = async ([name], flags, context) => {
  if (flags.postLogoutRedirectUri !== undefined && !URL.canParse(flags.postLogoutRedirectUri)) {
    throw new OidcgwError('ERR_USAGE', `--post-logout-redirect-uri: "${flags.postLogoutRedirectUri}" is no URL`)
  }
  const { profile, host, options } = await prepareClient(name, flags, context)
  const [{ openStore }, { storeKey }] = await Promise.all([import('../../client/store/open.js'), import('../../client/store/store.js')])
  const store = await openStore(host, options)
  const key = storeKey(profile)
  const entry = await store.load(key)
  await store.remove(key)
  let url: URL | undefined
  if (!flags.local && entry) {
    const [{ connect }, { revoke }, { endSessionUrl }] = await Promise.all([
      import('../../client/connect.js'),
      import('../../client/revocation.js'),
      import('../../client/end-session.js'),
    ])
    const provider = await connect(profile, host, options)
    const { refresh_token, id_token } = entry.tokens
    if (refresh_token && provider.metadata.revocation_endpoint) await revoke(provider, refresh_token, 'refresh_token')
    if (id_token && provider.metadata.end_session_endpoint) {
      url = endSessionUrl(provider, {
        idToken: id_token,
        ...(flags.postLogoutRedirectUri !== undefined && { postLogoutRedirectUri: flags.postLogoutRedirectUri }),
      })
    }
  }
  if (url && profile.login?.driver !== 'form') {
    const { showUrl } = await import('../../client/show-url.js')
    await showUrl(`Sign out at:\n${url.href}`, url, host, options)
  }
  if (wantsJson(flags)) writeJson(host, { schema: 'oidcgw/logout/v1', profile: profile.name, was_stored: entry !== undefined })
  else if (!flags.quiet) host.stderr.write(entry ? `${profile.name}: tokens forgotten\n` : `${profile.name}: nothing was stored\n`)
  return EXIT.yes
}
