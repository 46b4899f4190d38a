import type { TokenEndpointGrantContext } from 'oidc-provider'
import type { IdpState } from '../state.js'
import { issueTokens } from './issue.js'

interface Parameters {
  readonly username?: string
  readonly password?: string
}

/** Resource owner password credentials, for clients that still have them (RFC 6749 §4.3). */
export async function passwordGrant(ctx: TokenEndpointGrantContext<Parameters>, state: IdpState): Promise<void> {
  const { username, password, scope = '' } = ctx.oidc.params
  const { InvalidGrant, InvalidRequest } = state.library.errors
  if (!username || !password) throw new InvalidRequest('username and password are required')
  const account = state.accounts.check(username, password)
  if (!account) throw new InvalidGrant('invalid username or password')
  ctx.body = await issueTokens(ctx, state, { subject: account.username, grantType: 'password', scope, refreshable: true })
}
