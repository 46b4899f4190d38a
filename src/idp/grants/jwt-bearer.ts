import type { TokenEndpointGrantContext } from 'oidc-provider'
import { JWT_BEARER } from '../applications.js'
import type { IdpState } from '../state.js'
import { checkAssertion } from '../trust.js'
import { issueTokens } from './issue.js'

/** An assertion of a trusted issuer for an access token of its subject; no refresh token comes with it (RFC 7523 §2.1). */
export async function jwtBearerGrant(ctx: TokenEndpointGrantContext<{ assertion?: string }>, state: IdpState): Promise<void> {
  const { assertion, scope = '' } = ctx.oidc.params
  const { InvalidGrant, InvalidRequest } = state.library.errors
  if (!assertion) throw new InvalidRequest("missing required parameter 'assertion'")
  const verdict = checkAssertion(assertion, {
    trusted: state.trusted,
    audiences: [state.issuer, ctx.oidc.urlFor('token')],
    now: state.now(),
  })
  if ('refused' in verdict) throw new InvalidGrant(verdict.refused)
  const { iss, sub, jti, exp } = verdict.claims as { iss: string; sub: string; jti?: string; exp: number }
  if (jti !== undefined && !(await ctx.oidc.provider.ReplayDetection.unique(iss, jti, exp))) {
    throw new InvalidGrant('assertion was used before')
  }
  ctx.body = await issueTokens(ctx, state, { subject: sub, grantType: JWT_BEARER, scope, refreshable: false })
}
