import { accessTokenOf } from '../access-token-source.js'
import { clientIndexOf } from '../client-choice.js'
import { expiryOf } from '../tokens.js'
import type { AuthMethod, AuthOutcome } from '../types.js'
import { askUserinfo } from '../userinfo.js'
import { claimsIfGenuine } from '../verification/best-effort.js'

/** Any access token that the userinfo endpoint answers with 200 (OIDC Core §5.3). */
export const userinfo: AuthMethod = {
  name: 'userinfo',
  async authenticate(exchange, context): Promise<AuthOutcome> {
    const found = await accessTokenOf(exchange, context)
    if (found.kind !== 'token') return found
    const expires_at = expiryOf(found.token, undefined, exchange.now())
    const answer = await askUserinfo(found.token, expires_at, exchange, context)
    if (answer.kind === 'failed') return { kind: 'undetermined', reason: 'userinfo_failed', detail: answer.detail, cause: answer.cause }
    return {
      kind: 'accepted',
      principal: {
        method: 'userinfo',
        tokens: { access_token: found.token, ...(expires_at !== undefined && { expires_at }) },
        userinfo: answer.claims,
        ...(answer.jwt !== undefined && { userinfoJwt: answer.jwt }),
        ...(await claimsIfGenuine(found.token, 'userinfo', exchange, context)),
        source: found.source,
        clientIndex: clientIndexOf(exchange),
      },
    }
  },
}
