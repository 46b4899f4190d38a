import { createHash } from 'node:crypto'
import type { Jwk } from './types.js'

/** Required members of each key type, in lexicographic order (RFC 7638 §3.2, RFC 8037 §2, RFC 9964 §6). */
const MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['RSA', ['e', 'kty', 'n']],
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['oct', ['k', 'kty']],
  ['AKP', ['alg', 'kty', 'pub']],
])

/** The RFC 7638 thumbprint, base64url; undefined for a key type without a canonical form or with members missing. */
export function thumbprint(jwk: Jwk, hash: 'sha256' | 'sha384' | 'sha512' = 'sha256'): string | undefined {
  const names = MEMBERS.get(jwk.kty)
  const values = names?.map((name) => [name, (jwk as Record<string, unknown>)[name]] as const)
  if (!values?.every(([, value]) => typeof value === 'string')) return undefined
  return createHash(hash)
    .update(JSON.stringify(Object.fromEntries(values)))
    .digest('base64url')
}
