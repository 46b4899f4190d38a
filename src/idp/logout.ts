import type { KoaContextWithOIDC } from 'oidc-provider'
import { renderTo } from './pages/layout.js'
import { logoutPage } from './pages/logout.js'

/**
 * Ends the session at once when the `id_token_hint` names the person who is signed in; asks otherwise
 * (OpenID Connect RP-Initiated Logout 1.0 §2). The hint was verified before we are called.
 * Tokens stay what they are: revoking them is the application's business, as with most providers.
 */
export async function endSession(ctx: KoaContextWithOIDC, form: string): Promise<void> {
  const { session, provider, entities, params } = ctx.oidc
  const hint = entities.IdTokenHint as { readonly payload?: { readonly sub?: unknown } } | undefined
  if (!session || hint?.payload?.sub !== session.accountId) return renderTo(ctx, logoutPage(form))
  await session.destroy()
  ctx.cookies.set(provider.cookieName('session'), null, { httpOnly: true, sameSite: 'lax' })
  leave(ctx, params ?? {})
}

/** Back to the application, with its `state`, or to our own page. */
function leave(ctx: KoaContextWithOIDC, params: Readonly<Record<string, unknown>>): void {
  const target = new URL(
    typeof params['post_logout_redirect_uri'] === 'string' ? params['post_logout_redirect_uri'] : ctx.oidc.urlFor('end_session_success'),
  )
  if (typeof params['post_logout_redirect_uri'] === 'string' && typeof params['state'] === 'string') {
    target.searchParams.set('state', params['state'])
  }
  ctx.status = 303
  ctx.redirect(target.href)
}

/** Nobody is signed in: there is nothing to end or ask, and the library's self-submitting page would need JavaScript. */
export async function leaveWithoutSession(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  const { oidc } = ctx as Partial<KoaContextWithOIDC>
  if (oidc?.route !== 'end_session' || ctx.status !== 200 || oidc.session?.accountId !== undefined) return
  leave(ctx, oidc.params ?? {})
}
