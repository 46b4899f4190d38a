import { createPrivateKey, createSecretKey, generateKeyPairSync, type JsonWebKeyInput, type KeyObject } from 'node:crypto'
import { OidcgwError } from '../../errors.js'
import type { JsonObject } from '../../jwt/types.js'
import type { Jwk } from '../../kong/jwk.js'
import type { ProviderClient } from './client.js'
import { issuerIdentifier } from './metadata.js'

/** A key that signs in a client's name, what it signs with unless told otherwise, and how a header names it. */
export interface SigningKey {
  /** Private, or secret for an `oct` JWK. */
  readonly key: KeyObject
  readonly alg: string
  readonly header: JsonObject
}

/** Members by which a header names its key: the provider then knows which of several it has to try. */
const NAMES = ['kid', 'x5t', 'x5t#S256'] as const
/** What only a key with more than two primes has. */
const FURTHER_PRIMES = ['oth', 'r', 't'] as const

/**
 * The `client_jwk` of a client, ready to sign.
 * @throws {OidcgwError} `ERR_CONFIG_INVALID` when it may not sign by its own word, or is no private key.
 */
export function readClientKey({ client_id, jwk = {}, issuer }: ProviderClient): SigningKey {
  const objection = objectionOf(jwk, issuer)
  if (objection !== undefined) throw new OidcgwError('ERR_CONFIG_INVALID', `client_jwk of ${client_id} may not sign here: ${objection}`)
  const header = Object.fromEntries(NAMES.flatMap((name) => (typeof jwk[name] === 'string' ? [[name, jwk[name]]] : [])))
  const alg = typeof jwk['alg'] === 'string' ? jwk['alg'] : undefined
  try {
    if (isSymmetric(jwk)) return { key: secretOf(jwk), header, alg: alg ?? 'HS256' }
    const key = createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput)
    return { key, header, alg: alg ?? usualAlg(key) }
  } catch (cause) {
    throw new OidcgwError('ERR_CONFIG_INVALID', `client_jwk of ${client_id} is no ${isSymmetric(jwk) ? 'symmetric' : 'private'} key`, {
      cause,
    })
  }
}

/** Whether a JWK is a secret that both sides share: it signs for `client_secret_jwt`, never for `private_key_jwt`. */
export const isSymmetric = (jwk: Jwk | undefined): boolean => jwk?.['kty'] === 'oct'

/** What a key says against signing with it (RFC 7517 §4.2 and §4.3; RFC 7518 §6.3.2.7 for further primes; `issuer` is Kong's own). */
function objectionOf(jwk: Jwk, issuer: string | undefined): string | undefined {
  const { use, key_ops: operations, issuer: tiedTo } = jwk
  if (use !== undefined && use !== 'sig') return `its use is ${String(use)}, not sig`
  if (operations !== undefined && !operations.includes('sign')) return 'its key_ops do not include sign'
  const further = FURTHER_PRIMES.find((name) => jwk[name] !== undefined)
  if (further !== undefined) return `it has more than two primes, which is not supported: ${further}`
  if (tiedTo !== undefined && (issuer === undefined || bare(String(tiedTo)) !== bare(issuer)))
    return `it is tied to another issuer: ${String(tiedTo)}`
  return undefined
}

const bare = (issuer: string): string => issuerIdentifier(issuer).replace(/\/$/, '')

function secretOf({ k }: Jwk): KeyObject {
  if (typeof k !== 'string' || k === '') throw new TypeError('k is missing')
  return createSecretKey(Buffer.from(k, 'base64url'))
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
