import { algorithmNamed } from '../algorithms.js'
import { crypto } from '../lazy-crypto.js'

/**
 * The left half of a hash, as `at_hash` and `c_hash` have it; undefined when the algorithm has none.
 * @see OIDC Core §3.1.3.6, §3.3.2.11
 */
export function halfHash(alg: unknown, value: string, ed448 = false): string | undefined {
  const algorithm = algorithmNamed(alg)
  if (!algorithm || algorithm.family === 'ML') return undefined
  const whole =
    algorithm.family === 'Ed' && (ed448 || alg === 'Ed448')
      ? crypto().createHash('shake256', { outputLength: 114 }).update(value).digest()
      : crypto()
          .createHash(algorithm.hash ?? 'sha512')
          .update(value)
          .digest()
  return whole.subarray(0, whole.length / 2).toString('base64url')
}
