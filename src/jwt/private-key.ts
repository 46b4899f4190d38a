import { createPrivateKey, createSecretKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto'
import { OidcgwError } from '../errors.js'
import { blameRuntime } from './module-lattice.js'
import { jsonObject } from './reading.js'
import type { Jwk } from './types.js'

export interface PrivateKey {
  /** Private, or secret for an `oct` JWK. */
  readonly key: KeyObject
  readonly kid: string | undefined
  /** What the key itself is for, when it says so. */
  readonly alg: string | undefined
}

/**
 * A key that signs or decrypts, from JWK (alone or the first of a set) or PEM text.
 * @throws {OidcgwError} `ERR_NOT_A_KEY`, `ERR_UNSUPPORTED` for a key this runtime lacks (ML-DSA); the message names the file and never the content.
 */
export function readPrivateKey(text: string, file: string): PrivateKey {
  const value = jsonObject(Buffer.from(text))
  const jwk = (Array.isArray(value?.['keys']) ? value['keys'][0] : value) as Jwk | undefined
  try {
    if (!jwk) return { key: createPrivateKey(text), kid: undefined, alg: undefined }
    const key =
      jwk.kty === 'oct' && typeof jwk['k'] === 'string'
        ? createSecretKey(Buffer.from(jwk['k'], 'base64url'))
        : createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput)
    return { key, kid: jwk.kid, alg: jwk.alg }
  } catch (cause) {
    blameRuntime(jwk ?? text, file, cause)
    const encrypted = text.includes('ENCRYPTED')
    throw new OidcgwError('ERR_NOT_A_KEY', `${file} holds no private key${encrypted ? ' that is not encrypted' : ''}`, {
      cause,
      hint: encrypted ? 'Decrypt it first: openssl pkey -in FILE' : 'Expected a private key as PEM or JWK; oidcgw keys new makes one',
    })
  }
}
