import { numericDate } from '../../../jwt/checks/time.js'
import { readCompactJwt } from '../../../jwt/compact.js'
import type { AuthMethodName } from '../../../kong/openid-connect/config.js'
import type { TokenResponse } from '../../provider/answers.js'
import type { Exchange } from '../plugin.js'
import type { AuthOutcome, CredentialSource, OidcContext, Principal, Tokens } from './types.js'
import { clientIndexOf } from './client-choice.js'
import { looksLikeJwt, verifyAccessToken } from './verification/access-token.js'
import { verifyIdToken, type IdTokenCompany } from './verification/id-token.js'

type Rejected = Extract<AuthOutcome, { kind: 'rejected' | 'undetermined' }>

/** When an access token ends: its own `exp`, else what the token response promised. Seconds since the epoch. */
export function expiryOf(token: string | undefined, expiresIn: number | undefined, nowMs: number): number | undefined {
  const payload = token !== undefined && looksLikeJwt(token) ? readCompactJwt(token).value?.payload : undefined
  return numericDate(payload?.['exp'], true) ?? (expiresIn === undefined ? undefined : nowMs / 1000 + expiresIn)
}

/** Tokens of a token response, with the moment the access token ends. */
export function readTokenResponse(response: TokenResponse, nowMs: number): Tokens {
  const { access_token, id_token, refresh_token, token_type, scope, expires_in } = response
  const expires_at = expiryOf(access_token, expires_in, nowMs)
  return {
    ...(access_token !== undefined && { access_token }),
    ...(id_token !== undefined && { id_token }),
    ...(refresh_token !== undefined && { refresh_token }),
    ...(token_type !== undefined && { token_type }),
    ...(scope !== undefined && { scope }),
    ...(expires_at !== undefined && { expires_at }),
  }
}

/**
 * The principal that tokens from the token endpoint speak for: a JWT access token and an ID token are verified first (section 3.2), an
 * opaque access token is taken as it came from the provider.
 */
export async function principalOfTokens(
  method: AuthMethodName,
  tokens: Tokens,
  { source, ...company }: IdTokenCompany & { readonly source?: CredentialSource | undefined },
  exchange: Exchange,
  context: OidcContext,
): Promise<Principal | Rejected> {
  const { access_token, id_token } = tokens
  const access =
    access_token !== undefined && looksLikeJwt(access_token) ? await verifyAccessToken(access_token, method, exchange, context) : undefined
  if (access?.kind === 'refused' && !isEncrypted(access_token)) return { ...access, kind: 'rejected', fallthrough: false }
  const id = id_token === undefined ? undefined : await verifyIdToken(id_token, method, { access_token, ...company }, exchange, context)
  if (id?.kind === 'refused') return { ...id, kind: 'rejected', fallthrough: false }
  return {
    method,
    tokens,
    clientIndex: clientIndexOf(exchange),
    ...(access?.kind === 'verified' && { accessTokenClaims: access.claims, ...(access.jwk && { accessTokenJwk: access.jwk }) }),
    ...(id?.kind === 'verified' && { idTokenClaims: id.claims, ...(id.jwk && { idTokenJwk: id.jwk }) }),
    ...(source && { source }),
  }
}

export const isPrincipal = (value: Principal | Rejected): value is Principal => 'method' in value

/** Five parts: encrypted for somebody else, opaque for us. */
const isEncrypted = (token: string | undefined): boolean => token?.split('.').length === 5
