import { createPrivateKey, createSecretKey, generateKeyPairSync, type JsonWebKeyInput, type KeyObject } from 'node:crypto'
import { OidcgwError } from '../../errors.js'
import { signJwt } from '../../jwt/sign.js'
import type { JsonObject } from '../../jwt/types.js'
import { ASSERTION_LIFETIME_SECONDS } from '../plugins/openid-connect/unconfirmed.js'
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
  if (client.client_secret === undefined)
    throw new OidcgwError('ERR_CONFIG_INVALID', `client_secret_jwt needs a client_secret for ${client.client_id}`)
  return signJwt({ alg: client.alg ?? 'HS256', typ: 'JWT' }, claims, createSecretKey(Buffer.from(client.client_secret)))
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
  const { key, header, alg } = client.jwk ? readPrivateJwk(client) : ownKey()
  try {
    return signJwt({ alg: client.alg ?? alg, typ, ...header }, claims, key)
  } catch (cause) {
    throw new OidcgwError('ERR_CONFIG_INVALID', `client_jwk of ${client.client_id} cannot sign with ${client.alg ?? alg}`, { cause })
  }
}

export interface SigningKey {
  readonly key: KeyObject
  readonly alg: string
  readonly header: JsonObject
}

function readPrivateJwk({ client_id, jwk }: ProviderClient): SigningKey {
  try {
    const key = createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput)
    const header = Object.fromEntries(
      (['kid', 'x5t', 'x5t#S256'] as const).flatMap((name) => {
        const value = jwk?.[name]
        return typeof value === 'string' ? [[name, value]] : []
      }),
    )
    return { key, header, alg: typeof jwk?.['alg'] === 'string' ? jwk['alg'] : usualAlg(key) }
  } catch (cause) {
    throw new OidcgwError('ERR_CONFIG_INVALID', `client_jwk of ${client_id} is no private key`, { cause })
  }
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

const usualAlg = (key: KeyObject): string =>
  key.asymmetricKeyType === 'rsa' ? 'RS256' : (CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'EdDSA')

/** A key that a gateway makes for itself, for clients without `client_jwk`. */
export function generateSigningKey(kid: string): SigningKey {
  return { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, alg: 'RS256', header: { kid } }
}

/** Its public half, as a key set shows it. */
export function publicJwk({ key, alg, header }: SigningKey): JsonObject {
  const { kty = '', n = '', e = '' } = key.export({ format: 'jwk' })
  return { kty, n, e, alg, use: 'sig', ...header }
}
