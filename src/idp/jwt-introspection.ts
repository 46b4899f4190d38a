import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { findIssuedJwt, forgetIssuedJwt, type IssuedJwt } from './issued-tokens.js'
import type { IdpState } from './state.js'

const SIGNED = 'application/token-introspection+jwt'

interface ErrorBody {
  readonly error?: string
}

/** Whether `clientId` may learn something about a token of `ownerId`: its own always, others' only when it was made for that. */
export const mayIntrospect = ({ applications }: IdpState, clientId: string, ownerId: string | undefined): boolean =>
  ownerId !== undefined && applications.isActive(ownerId) && (clientId === ownerId || applications.find(clientId)?.mayIntrospect === true)

/**
 * The library refuses to introspect or revoke JWTs, and does so only after it has authenticated the caller. That lets us answer
 * in its place without authenticating twice (RFC 7662 §2.2, RFC 7009 §2.2).
 */
export function answerForJwts(provider: Provider, state: IdpState): void {
  provider.use(async (ctx, next) => {
    await next()
    const context = ctx as unknown as KoaContextWithOIDC
    if (context.status !== 400 || (context.body as ErrorBody | undefined)?.error !== 'unsupported_token_type') return
    const issued = await findIssuedJwt(context.oidc.params?.['token'], state)
    if (context.oidc.route === 'revocation') await revoke(context, issued, state)
    else await introspect(context, issued, state)
  })
}

async function revoke(ctx: KoaContextWithOIDC, issued: IssuedJwt | undefined, state: IdpState): Promise<void> {
  if (issued && issued.claims['client_id'] !== ctx.oidc.client?.clientId) {
    ctx.body = { error: 'invalid_request', error_description: 'client is not authorized to revoke the presented token' }
    return
  }
  if (issued) await forgetIssuedJwt(issued, state)
  ctx.status = 200
  ctx.remove('content-type')
  ctx.body = ''
}

async function introspect(ctx: KoaContextWithOIDC, issued: IssuedJwt | undefined, state: IdpState): Promise<void> {
  const { client } = ctx.oidc
  const shown = issued && mayIntrospect(state, client?.clientId ?? '', issued.claims['client_id'] as string | undefined)
  const answer = shown ? { ...issued.claims, active: true, token_type: issued.payload.jkt ? 'DPoP' : 'Bearer' } : { active: false }
  ctx.status = 200
  if (!client || ctx.accepts('json', SIGNED) !== SIGNED) {
    ctx.body = answer
    return
  }
  const token = new ctx.oidc.provider.IdToken({}, { ctx, client })
  // The claims under which the library signs its own answers (RFC 9701 §5).
  Object.assign(token, { extra: { token_introspection: answer } })
  ctx.body = await token.issue({ use: 'introspection' } as never)
  ctx.type = `${SIGNED}; charset=utf-8`
}
