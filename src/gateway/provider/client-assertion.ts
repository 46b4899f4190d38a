import { createSecretKey } from 'node:crypto'
import { OidcgwError } from '../../errors.js'
import { signJwt } from '../../jwt/sign.js'
import type { JsonObject } from '../../jwt/types.js'
import { ASSERTION_LIFETIME_SECONDS } from '../plugins/openid-connect/unconfirmed.js'
import { isSymmetric, readClientKey, type SigningKey } from './client-key.js'
import type { ProviderClient } from './client.js'

export interface AssertionContext {
  readonly audience: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly jti: string
  /** Signs for clients without `client_jwk`. */
  readonly ownKey: () => SigningKey
}

/** The `client_assertion` of RFC 7523 §3, signed with the secret or with `client_jwk` (else the gateway's own key). */
export function clientAssertion(kind: 'client_secret_jwt' | 'private_key_jwt', client: ProviderClient, context: AssertionContext): string {
  const iat = Math.floor(context.now / 1000)
  const claims: JsonObject = {
    iss: client.client_id,
    sub: client.client_id,
    aud: context.audience,
    jti: context.jti,
    iat,
    exp: iat + ASSERTION_LIFETIME_SECONDS,
  }
  if (kind === 'private_key_jwt') return signWithClientKey(client, claims, { ownKey: context.ownKey })
  return sign(client, claims, 'JWT', sharedSecret(client))
}

/** `client_secret`, else a `client_jwk` that is a symmetric key. */
function sharedSecret(client: ProviderClient): SigningKey {
  if (client.client_secret !== undefined) return { key: createSecretKey(Buffer.from(client.client_secret)), alg: 'HS256', header: {} }
  if (isSymmetric(client.jwk)) return readClientKey(client)
  throw new OidcgwError('ERR_CONFIG_INVALID', `client_secret_jwt needs a client_secret for ${client.client_id}`)
}

/**
 * Signs with the client's private key: `client_alg`, else the key's own `alg`, else what its type is usually used with. The header names
 * the key by `kid` and, where the JWK has them, by its certificate's thumbprints.
 * @throws {OidcgwError} `ERR_CONFIG_INVALID` when `client_jwk` holds no private key that fits.
 */
export function signWithClientKey(
  client: ProviderClient,
  claims: JsonObject,
  { typ = 'JWT', ownKey }: { readonly typ?: string; readonly ownKey: () => SigningKey },
): string {
  if (isSymmetric(client.jwk)) throw new OidcgwError('ERR_CONFIG_INVALID', `client_jwk of ${client.client_id} is no private key`)
  return sign(client, claims, typ, client.jwk ? readClientKey(client) : ownKey())
}

function sign(client: ProviderClient, claims: JsonObject, typ: string, { key, alg, header }: SigningKey): string {
  try {
    return signJwt({ alg: client.alg ?? alg, typ, ...header }, claims, key)
  } catch (cause) {
    throw new OidcgwError('ERR_CONFIG_INVALID', `the key of client ${client.client_id} cannot sign with ${client.alg ?? alg}`, { cause })
  }
}
