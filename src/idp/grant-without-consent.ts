import type { Grant, KoaContextWithOIDC } from 'oidc-provider'

/** A grant that holds whatever was asked for: this provider takes a sign-in for consent, unless the request says `prompt=consent`. */
export async function loadGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, session, account, provider, result } = ctx.oidc
  if (!client || !account) return undefined
  const grantId = result?.consent?.grantId ?? session?.grantIdFor(client.clientId)
  const existing = grantId ? await provider.Grant.find(grantId) : undefined
  const isTheirs = existing?.accountId === account.accountId && existing.clientId === client.clientId
  const grant = existing && isTheirs ? existing : new provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  if (ctx.oidc.requestParamOIDCScopes.size > 0) grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '))
  if (ctx.oidc.requestParamClaims.size > 0) grant.addOIDCClaims([...ctx.oidc.requestParamClaims])
  for (const [identifier, { scope }] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    if (scope) grant.addResourceScope(identifier, scope)
  }
  await grant.save()
  return grant
}
