import type { KeyObject } from 'node:crypto'
import { OidcgwError } from '../errors.js'
import { algorithmNamed } from './algorithms.js'
import { createSignature } from './signature.js'
import type { JsonObject } from './types.js'

/**
 * Signs a compact JWS, synchronously. `header.alg` decides how; claims are written as given, wrong types too.
 * @param payload an object, or bytes or text as they stand.
 * @throws {OidcgwError} `ERR_UNSUPPORTED` for an unknown `alg` (`none` is one) or a key of another type.
 * @see RFC 7515 §5.1
 */
export function signJwt(header: JsonObject & { readonly alg: string }, payload: JsonObject | string | Uint8Array, key: KeyObject): string {
  const algorithm = algorithmNamed(header.alg)
  if (!algorithm)
    throw new OidcgwError('ERR_UNSUPPORTED', 'this alg cannot be signed with', { hint: 'Use RS256, PS256, ES256, EdDSA or HS256' })
  const keyType = key.type === 'secret' ? 'secret' : (key.asymmetricKeyType ?? '')
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (!algorithm.keyTypes.includes(keyType) || (algorithm.curve !== undefined && algorithm.curve !== curve)) {
    throw new OidcgwError(
      'ERR_UNSUPPORTED',
      `alg ${header.alg} cannot be signed with a key of type ${[keyType, curve].filter(Boolean).join(' ')}`,
      { hint: 'Leave --alg out, or give another key' },
    )
  }
  const body = typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload)
  const signingInput = `${encode(JSON.stringify(header))}.${encode(body)}`
  return `${signingInput}.${createSignature(algorithm, key, Buffer.from(signingInput)).toString('base64url')}`
}

const encode = (data: string | Uint8Array): string => Buffer.from(data as string).toString('base64url')
