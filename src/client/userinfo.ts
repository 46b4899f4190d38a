import { fetchUserInfo, skipSubjectCheck, type UserInfoResponse } from 'openid-client'
import { requireEndpoint, type Provider } from './connect.js'
import { subjectOf } from './id-token.js'
import type { Session } from './obtain-options.js'
import { attempting } from './translate-error.js'
import { dpopHandleOf } from './grant-request.js'

/**
 * What the provider says about the person (OIDC Core §5.3). With an ID token its `sub` must be the same (§5.3.2).
 * @throws {OidcgwError} `ERR_UNSUPPORTED` without an endpoint, `ERR_GRANT_REFUSED` when the token is not accepted there.
 */
export async function userinfo(provider: Provider, { tokens, dpopKey }: Pick<Session, 'tokens' | 'dpopKey'>): Promise<UserInfoResponse> {
  requireEndpoint(provider, 'userinfo_endpoint', 'userinfo')
  const { configuration } = provider
  const expected = tokens.id_token === undefined ? undefined : subjectOf(tokens.id_token)
  const DPoP = dpopKey && (await dpopHandleOf(configuration, dpopKey))
  return attempting({ what: 'userinfo', stage: 'userinfo' }, () =>
    fetchUserInfo(configuration, tokens.access_token, expected ?? skipSubjectCheck, DPoP && { DPoP }),
  )
}
