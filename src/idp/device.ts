import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { DEVICE_CODE } from './applications.js'
import { codePrefilledPage } from './pages/device.js'
import { renderTo } from './pages/layout.js'
import type { IdpState } from './state.js'

/** What the library leaves out of the device grant: `slow_down`, and a page for links that carry the code. */
export function completeDeviceFlow(provider: Provider, state: IdpState): void {
  provider.use(async (ctx, next) => {
    await next()
    const context = ctx as unknown as KoaContextWithOIDC
    const { route, params } = (context as Partial<KoaContextWithOIDC>).oidc ?? {}
    if (route === 'token' && params?.['grant_type'] === DEVICE_CODE) slowDown(context, state)
    if (route === 'code_verification' && context.method === 'GET' && typeof params?.['user_code'] === 'string') {
      prefill(context, params['user_code'])
    }
  })
}

/** Polling faster than the interval: `slow_down` instead of `authorization_pending` (RFC 8628 §3.5). */
function slowDown(ctx: KoaContextWithOIDC, { polls, settings, now }: IdpState): void {
  const code = String(ctx.oidc.params?.['device_code'])
  if ((ctx.body as { error?: string } | undefined)?.error !== 'authorization_pending') {
    polls.delete(code)
    return
  }
  const last = polls.get(code)
  const time = now().getTime()
  polls.set(code, time)
  // A client that waits exactly the interval is not punished for the imprecision of its timer.
  if (last !== undefined && time - last < settings.deviceIntervalSeconds * 1000 - 100) {
    ctx.body = { error: 'slow_down', error_description: `poll every ${settings.deviceIntervalSeconds} seconds at most` }
  }
}

/** In place of the library's page that submits itself by script. */
function prefill(ctx: KoaContextWithOIDC, userCode: string): void {
  const secret = (ctx.oidc.session?.state as { secret?: string } | undefined)?.secret
  if (ctx.status === 200 && secret) renderTo(ctx, codePrefilledPage(ctx.oidc.urlFor('code_verification'), secret, userCode))
}
