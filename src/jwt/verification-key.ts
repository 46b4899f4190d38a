import type { JsonWebKeyInput, KeyObject } from 'node:crypto'
import { ALGORITHMS, algorithmNamed, type Algorithm, type AlgorithmName } from './algorithms.js'
import { crypto } from './lazy-crypto.js'
import { unreadableHere } from './module-lattice.js'
import type { Jwk } from './types.js'

/** A key made ready once, with the only algorithms it may verify. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** As published, private members taken out; undefined for a secret. */
  readonly jwk: Jwk | undefined
  readonly key: KeyObject
  readonly algorithms: readonly AlgorithmName[]
  /** Named by the caller itself (a PEM, one JWK, a secret): whatever `kid` the token names does not matter. */
  readonly pinned: boolean
}

export type KeyReading = { readonly value: VerificationKey; readonly problem?: undefined } | { readonly problem: string }

const MIN_RSA_BITS = 2048
/** OpenSSL verifies no larger ones, and one check of such a key would cost milliseconds. */
const MAX_RSA_BITS = 16_384
const PRIVATE_MEMBERS: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv']

/**
 * Makes a JWK ready to verify signatures. A symmetric key is taken only when the caller says it gave a secret itself: in a published
 * set it would let everybody mint.
 * @see RFC 7517 §4, RFC 7518 §6, RFC 8725 §3.5
 */
export function readVerificationKey(jwk: unknown, { symmetric = false, pinned = false } = {}): KeyReading {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return { problem: 'it is not a JSON object' }
  const { kty, use, key_ops: operations, alg, kid } = jwk as Jwk
  if (use !== undefined && use !== 'sig') return { problem: `its use is ${show(use)}, not sig` }
  if (operations !== undefined && !(Array.isArray(operations) && operations.some((name) => name === 'verify' || name === 'sign')))
    return { problem: 'its key_ops do not include verify' }
  if (alg !== undefined && !algorithmNamed(alg)) return { problem: `its alg ${show(alg)} is no signature algorithm known here` }
  if (kty === 'oct' && !symmetric) return { problem: 'it is a symmetric key in a published set' }
  const published = Object.fromEntries(Object.entries(jwk).filter(([name]) => !PRIVATE_MEMBERS.includes(name))) as Jwk
  let key: KeyObject
  try {
    key =
      kty === 'oct'
        ? crypto().createSecretKey(Buffer.from(String(jwk['k' as keyof typeof jwk]), 'base64url'))
        : crypto().createPublicKey({ key: published, format: 'jwk' } as JsonWebKeyInput)
  } catch {
    return { problem: unreadableHere(published) ?? `it is no usable ${show(kty)} key` }
  }
  const named = typeof alg === 'string' ? (alg as AlgorithmName) : undefined
  return toVerificationKey(key, {
    kid: typeof kid === 'string' ? kid : undefined,
    named,
    jwk: kty === 'oct' ? undefined : published,
    pinned,
  })
}

interface KeyFacts {
  readonly kid?: string | undefined
  /** The one algorithm the key itself names. */
  readonly named?: AlgorithmName | undefined
  readonly jwk?: Jwk | undefined
  readonly pinned?: boolean
}

/** Makes a node key ready; RSA sizes and exponents that prove nothing or cost too much are refused (RFC 7518 §3.3, RFC 8017 §3.1). */
export function toVerificationKey(key: KeyObject, { kid, named, jwk, pinned = false }: KeyFacts = {}): KeyReading {
  const weakness = key.type === 'secret' ? (key.symmetricKeySize === 0 ? 'it is empty' : undefined) : rsaWeakness(key)
  if (weakness) return { problem: weakness }
  const fitting = (Object.keys(ALGORITHMS) as AlgorithmName[]).filter((name) => fits(ALGORITHMS[name], key))
  const algorithms = named === undefined ? fitting : fitting.filter((name) => name === named)
  if (algorithms.length === 0)
    return { problem: named === undefined ? 'its type signs nothing here' : `its alg ${named} does not fit its type` }
  return { value: { kid, jwk, key, algorithms, pinned } }
}

function fits({ keyTypes, curve, family, hash }: Algorithm, key: KeyObject): boolean {
  if (!keyTypes.includes(key.type === 'secret' ? 'secret' : (key.asymmetricKeyType ?? ''))) return false
  const details = key.asymmetricKeyDetails
  if (curve !== undefined && details?.namedCurve !== curve) return false
  // A key that is bound to RSASSA-PSS parameters allows only those.
  return !(family === 'PS' && details?.hashAlgorithm !== undefined && details.hashAlgorithm !== hash)
}

function rsaWeakness(key: KeyObject): string | undefined {
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'rsa-pss') return undefined
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < MIN_RSA_BITS) return `its modulus has ${modulusLength} bits, fewer than ${MIN_RSA_BITS}`
  if (modulusLength > MAX_RSA_BITS) return `its modulus has ${modulusLength} bits, more than ${MAX_RSA_BITS}`
  if (publicExponent < 3n || publicExponent % 2n === 0n) return 'its public exponent is 1 or even'
  return publicExponent >= 1n << 64n ? 'its public exponent is longer than 64 bits' : undefined
}

const show = (value: unknown): string => (typeof value === 'string' && /^[\w.+-]{1,40}$/.test(value) ? value : 'value')
