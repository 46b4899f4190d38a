import type { AccessToken, Client, TokenEndpointGrantContext } from 'oidc-provider'
import { claimsOf } from '../accounts.js'
import { MTLS } from '../mtls.js'
import { defaultResource, resourceServerOf } from '../resource-servers.js'
import { OIDC_SCOPES } from '../resources.js'
import type { IdpState } from '../state.js'

export interface Issue {
  /** `sub` of the tokens. */
  readonly subject: string
  readonly grantType: string
  /** Space-separated; unknown scopes are dropped, as the library does. */
  readonly scope: string
  /** More claims for the access token, e.g. `act` (RFC 8693 §4.1). */
  readonly extra?: Readonly<Record<string, unknown>>
  /** Whether a refresh token may come with it. */
  readonly refreshable: boolean
}

/** Issues tokens for a subject outside the redirect flow and answers the token request (RFC 6749 §5.1). */
export async function issueTokens(ctx: TokenEndpointGrantContext, state: IdpState, issue: Issue): Promise<Record<string, unknown>> {
  const { provider, client, params } = ctx.oidc
  const resource = defaultResource(state, ctx, params.resource as string | string[] | undefined)
  const info = resourceServerOf(state, resource, client.clientId)
  const grant = new provider.Grant({ accountId: issue.subject, clientId: client.clientId })
  const asked = issue.scope.split(' ')
  const granted = info.scope.split(' ').filter((scope) => asked.includes(scope))
  grant.addOIDCScope(granted.filter((scope) => OIDC_SCOPES.includes(scope)).join(' '))
  grant.addResourceScope(resource, granted.join(' '))
  const grantId = await grant.save()

  const facts = { accountId: issue.subject, client, grantId, gty: issue.grantType, scope: granted.join(' ') || undefined }
  const token = new provider.AccessToken({ ...facts, extra: issue.extra } as never)
  token.resourceServer = new provider.ResourceServer(resource, info)
  bind(ctx, state, token)
  ctx.oidc.entity('AccessToken', token)
  const access_token = await token.save()
  const refreshToken = issue.refreshable && client.grantTypeAllowed('refresh_token')
  return {
    access_token,
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: granted.join(' ') || undefined,
    ...(refreshToken && { refresh_token: await new provider.RefreshToken({ ...facts, resource, rotations: 0 } as never).save() }),
    ...(granted.includes('openid') && { id_token: await idToken(ctx, state, client, issue.subject, granted) }),
  }
}

/** Certificate-bound tokens (RFC 8705 §3). The library keeps its DPoP checks to itself, so a proof is refused here, not ignored. */
function bind(ctx: TokenEndpointGrantContext, { library }: IdpState, token: AccessToken): void {
  const { client } = ctx.oidc
  if (ctx.get('dpop') || client.dpopBoundAccessTokens) {
    throw new library.errors.InvalidRequest('DPoP is not supported with this grant')
  }
  if (!client.tlsClientCertificateBoundAccessTokens) return
  const certificate = MTLS.getCertificate?.(ctx)
  if (!certificate) throw new library.errors.InvalidGrant('mutual TLS client certificate not provided')
  token.setThumbprint('x5t', certificate as string)
}

async function idToken(
  ctx: TokenEndpointGrantContext,
  { accounts, provider }: IdpState,
  client: Client,
  subject: string,
  scopes: readonly string[],
): Promise<string> {
  const account = accounts.find(subject)
  const token = new provider.IdToken({ ...(account ? claimsOf(account) : { sub: subject }) }, { ctx, client } as never)
  Object.assign(token, { scope: scopes.join(' ') })
  return token.issue({ use: 'idtoken' })
}
