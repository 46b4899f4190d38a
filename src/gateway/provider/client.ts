import type { ClientAuthMethod, OpenIdConnectConfig } from '../../kong/openid-connect/config.js'
import type { Jwk } from '../../kong/jwk.js'
import { byPosition } from './pairs.js'

/** Us (or, for `client_credentials`, the caller) as client of the provider. */
export interface ProviderClient {
  readonly client_id: string
  readonly client_secret?: string
  /** `client_auth` of that position. */
  readonly auth?: ClientAuthMethod
  readonly alg?: string
  readonly jwk?: Jwk
  /** The provider it is a client of, as configured: a `client_jwk` may be tied to one. */
  readonly issuer?: string
  /** The caller's own Basic field: it goes on byte by byte, so that neither reading of RFC 6749 §2.3.1 is forced upon it. */
  readonly basic?: string
  /** The caller of the gateway, forwarded as client: it has a secret and nothing else, whatever the configuration says. */
  readonly isCaller?: boolean
}

/** The configured client of that position; undefined when the configuration names none. */
export function configuredClient(config: OpenIdConnectConfig, index: number): ProviderClient | undefined {
  const client_id = byPosition(config.client_id, index)
  if (client_id === undefined) return undefined
  const client_secret = byPosition(config.client_secret, index)
  const auth = byPosition(config.client_auth, index)
  const alg = byPosition(config.client_alg, index)
  const jwk = byPosition(config.client_jwk, index)
  return {
    client_id,
    ...(client_secret !== undefined && { client_secret }),
    ...(auth !== undefined && { auth }),
    ...(alg !== undefined && { alg }),
    ...(jwk !== undefined && { jwk, issuer: config.issuer }),
  }
}
