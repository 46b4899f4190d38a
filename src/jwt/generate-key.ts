import { generateKeyPairSync, randomBytes, createSecretKey, type KeyObject } from 'node:crypto'
import { OidcgwError } from '../errors.js'
import { ALGORITHMS, algorithmNamed, type AlgorithmName } from './algorithms.js'
import { NEEDS_NEWER_NODE } from './module-lattice.js'
import { thumbprint } from './thumbprint.js'
import type { Jwk } from './types.js'

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

/**
 * A new private (or, for HS*, secret) key as a JWK, `kid` its thumbprint unless named.
 * @param rsaBits Size of RSA keys. Default 2048, the least RFC 7518 §3.3 allows.
 * @throws {OidcgwError} `ERR_UNSUPPORTED` for an unknown algorithm, or one this runtime lacks (ML-DSA).
 */
export function generateJwk(alg: string, { kid, rsaBits = 2048 }: { readonly kid?: string; readonly rsaBits?: number } = {}): Jwk {
  const algorithm = algorithmNamed(alg)
  if (!algorithm)
    throw new OidcgwError('ERR_UNSUPPORTED', `alg "${alg}" is not known`, { hint: `Known: ${Object.keys(ALGORITHMS).join(', ')}` })
  if (rsaBits < 2048)
    throw new OidcgwError('ERR_UNSUPPORTED', `${rsaBits} bits are fewer than 2048`, { hint: 'RFC 7518 §3.3 asks for 2048 or more' })
  const jwk = { ...generate(alg as AlgorithmName, rsaBits).export({ format: 'jwk' }), use: 'sig', alg } as Jwk
  const name = kid ?? thumbprint(jwk)
  return { ...(name !== undefined && { kid: name }), ...jwk }
}

function generate(alg: AlgorithmName, modulusLength: number): KeyObject {
  const { family, signatureBytes, keyTypes } = algorithmNamed(alg) as NonNullable<ReturnType<typeof algorithmNamed>>
  if (family === 'HS') return createSecretKey(randomBytes(signatureBytes ?? 32))
  if (family === 'ES') return generateKeyPairSync('ec', { namedCurve: CURVES[alg] ?? '' }).privateKey
  if (family === 'RS' || family === 'PS') return generateKeyPairSync('rsa', { modulusLength }).privateKey
  try {
    return generateKeyPairSync((keyTypes[0] ?? '') as 'ed25519').privateKey
  } catch (cause) {
    throw new OidcgwError('ERR_UNSUPPORTED', `this runtime makes no keys for ${alg}`, { cause, hint: NEEDS_NEWER_NODE })
  }
}

/** The algorithm a key signs with when nobody says: what its JWK names, else the most widely accepted one of its type. */
export function defaultAlgorithm(key: KeyObject, named?: string): string {
  if (named !== undefined) return named
  if (key.type === 'secret') return 'HS256'
  const curve = key.asymmetricKeyDetails?.namedCurve
  const type = key.asymmetricKeyType ?? ''
  const entry = Object.entries(ALGORITHMS).find(
    ([, { keyTypes, curve: own }]: [string, (typeof ALGORITHMS)[AlgorithmName] & { curve?: string }]) =>
      keyTypes.includes(type) && own === curve,
  )
  if (!entry) throw new OidcgwError('ERR_UNSUPPORTED', `a key of type ${[type, curve].filter(Boolean).join(' ')} signs nothing here`)
  return entry[0]
}

/** Members of a JWK that must not be shown to others. */
const PRIVATE_MEMBERS: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** The public half of a JWK; `key_ops` turned from signing to verifying. Undefined for a shared secret, which has none. */
export function publicJwk(jwk: Jwk): Jwk | undefined {
  if (jwk.kty === 'oct') return undefined
  const entries = Object.entries(jwk).filter(([name]) => !PRIVATE_MEMBERS.includes(name))
  const operations = jwk.key_ops?.map((name) => (name === 'sign' ? 'verify' : name))
  return { ...Object.fromEntries(entries), ...(operations && { key_ops: operations }) } as Jwk
}
