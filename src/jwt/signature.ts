import type { KeyObject } from 'node:crypto'
import type { Algorithm } from './algorithms.js'
import { crypto } from './lazy-crypto.js'

/** The signature of some bytes. The caller has matched key and algorithm. */
export function createSignature(algorithm: Algorithm, key: KeyObject, data: Uint8Array): Buffer {
  return algorithm.family === 'HS'
    ? crypto()
        .createHmac(algorithm.hash ?? '', key)
        .update(data)
        .digest()
    : crypto().sign(algorithm.hash, data, withOptions(algorithm, key))
}

/** Whether a signature is right, its exact length first: a longer or shorter spelling of the same number is another token (RFC 7518 §3.3, §3.4). */
export function isSignatureValid(algorithm: Algorithm, key: KeyObject, data: Uint8Array, signature: Buffer): boolean {
  if (signature.length !== (algorithm.signatureBytes ?? signatureBytes(key))) return false
  if (algorithm.family === 'HS') return crypto().timingSafeEqual(createSignature(algorithm, key, data), signature)
  try {
    return crypto().verify(algorithm.hash, data, withOptions(algorithm, key), signature)
  } catch {
    return false // OpenSSL refuses some signatures by raising: not valid either way
  }
}

const withOptions = ({ options }: Algorithm, key: KeyObject) => (options ? { key, ...options } : key)

/** How long a signature by this key is, where the algorithm alone does not say. */
function signatureBytes(key: KeyObject): number {
  if (key.asymmetricKeyType === 'ed25519') return 64
  if (key.asymmetricKeyType === 'ed448') return 114
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
}
