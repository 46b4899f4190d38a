import { createHash, createPrivateKey, createPublicKey, randomUUID, type JsonWebKey } from 'node:crypto'
import type { ClientHost } from './client-options.js'

/** The protected call that a proof is for. */
export interface ProvenRequest {
  readonly method: string
  readonly url: URL
  readonly accessToken: string
  /** From the resource server's `DPoP-Nonce`, when it gave one (RFC 9449 §9). */
  readonly nonce?: string
}

/**
 * A DPoP proof for one protected call, made with the key of {@link import('./obtain-options.js').Session}. Send it as `DPoP` beside
 * `Authorization: DPoP …`; one proof fits one request.
 * @see RFC 9449 §4.2, §7.1
 */
export async function createDpopProof(
  key: JsonWebKey,
  { method, url, accessToken, nonce }: ProvenRequest,
  { now }: Pick<ClientHost, 'now'>,
): Promise<string> {
  const { SignJWT } = await import('jose')
  const privateKey = createPrivateKey({ key, format: 'jwk' })
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' })
  return new SignJWT({
    htm: method,
    htu: `${url.origin}${url.pathname}`,
    ath: createHash('sha256').update(accessToken).digest('base64url'),
    jti: randomUUID(),
    iat: Math.floor(now().getTime() / 1000),
    ...(nonce !== undefined && { nonce }),
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: jwk as Record<string, string> })
    .sign(privateKey)
}
