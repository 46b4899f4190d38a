import { createPublicKey, type JsonWebKeyInput } from 'node:crypto'
import { decodeBase64url } from '../base64url.js'
import type { Jwk } from '../types.js'
import { each, type KeyRule } from './rule.js'

/** Primes of the ROCA fingerprint: a vulnerable modulus is a power of 65537 modulo every one of them. */
const ROCA_PRIMES: readonly bigint[] = [11n, 13n, 17n, 19n, 37n, 53n, 61n, 71n, 73n, 79n, 97n, 103n, 107n, 109n, 127n, 151n, 157n]
const COORDINATE_BYTES: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }

const bigint = (text: unknown): bigint | undefined => {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64url') : Buffer.alloc(0)
  return bytes.length === 0 ? undefined : BigInt(`0x${bytes.toString('hex')}`)
}
const bits = (value: bigint): number => value.toString(2).length
const rsa = ({ kty, n, e }: Jwk): { readonly n: bigint; readonly e: bigint } | undefined => {
  const [modulus, exponent] = kty === 'RSA' ? [bigint(n), bigint(e)] : []
  return modulus === undefined || exponent === undefined ? undefined : { n: modulus, e: exponent }
}

/** Keys that arithmetic gives away (K-07 … K-12). */
export const MATH_RULES: readonly KeyRule[] = [
  {
    id: 'K-07',
    key: 'rsa.bits',
    spec: 'RFC 7518 §3.3',
    check: each((jwk) => {
      const size = bits(rsa(jwk)?.n ?? 0n)
      if (!rsa(jwk)) return undefined
      if (size < 2048) return { severity: 'error', message: `A modulus of ${size} bits; 2048 is the least` }
      return size > 8192 ? { severity: 'info', message: `A modulus of ${size} bits: slow for whoever verifies` } : undefined
    }),
  },
  {
    id: 'K-08',
    key: 'rsa.e',
    spec: 'RFC 8017 §3.1',
    check: each((jwk) => {
      const e = rsa(jwk)?.e
      if (e === undefined) return undefined
      if (e < 3n || e % 2n === 0n) return { severity: 'error', message: `Public exponent ${e}: proves nothing` }
      return e < 65_537n ? { severity: 'warn', message: `Public exponent ${e}: smaller than 65537` } : undefined
    }),
  },
  {
    id: 'K-09',
    key: 'rsa.form',
    spec: 'RFC 7518 §6.3.1',
    check: each((jwk) => {
      const value = rsa(jwk)
      if (!value || typeof jwk.n !== 'string') return undefined
      if (decodeBase64url(jwk.n) === undefined) return { severity: 'warn', message: 'n is not canonical base64url' }
      if (Buffer.from(jwk.n, 'base64url')[0] === 0) return { severity: 'warn', message: 'n begins with a zero byte' }
      return value.n % 2n === 0n ? { severity: 'warn', message: 'n is even: no RSA modulus' } : undefined
    }),
  },
  {
    id: 'K-10',
    key: 'rsa.shared',
    spec: 'CWE-331',
    check: ({ keys }) =>
      keys.flatMap((jwk, index) => {
        const own = rsa(jwk)?.n
        const partner = keys.findIndex((other, at) => at < index && own !== undefined && sharesFactor(own, rsa(other)?.n))
        return partner >= 0 ? [{ severity: 'error', message: `Shares a prime with key ${partner + 1}: both can be factored`, index }] : []
      }),
  },
  {
    id: 'K-11',
    key: 'rsa.roca',
    spec: 'CVE-2017-15361',
    check: each((jwk) => {
      const n = rsa(jwk)?.n
      return n !== undefined && n > 1n << 512n && ROCA_PRIMES.every((prime) => isPowerOf65537(n % prime, prime))
        ? { severity: 'error', message: 'The ROCA fingerprint: its private half can be computed' }
        : undefined
    }),
  },
  {
    id: 'K-12',
    key: 'ec.point',
    spec: 'RFC 7518 §6.2.1',
    check: each((jwk) => {
      if (jwk.kty !== 'EC') return undefined
      const size = COORDINATE_BYTES[jwk.crv ?? '']
      const lengths = [jwk.x, jwk.y].map((text) => Buffer.from(String(text), 'base64url').length)
      if (size !== undefined && lengths.some((length) => length !== size))
        return { severity: 'error', message: `Coordinates of ${lengths.join(' and ')} bytes where ${jwk.crv} has ${size}` }
      return isKey(jwk) ? undefined : { severity: 'error', message: 'The point is not on its curve' }
    }),
  },
]

/** Equal moduli are one key published twice, which is no news about its primes. */
function sharesFactor(a: bigint, b: bigint | undefined): boolean {
  if (b === undefined || a === b) return false
  let [x, y] = [a, b]
  while (y > 0n) [x, y] = [y, x % y]
  return x > 1n
}

function isPowerOf65537(residue: bigint, prime: bigint): boolean {
  let power = 1n
  for (let step = 0n; step < prime; step++) {
    if (power === residue) return true
    power = (power * 65_537n) % prime
  }
  return false
}

function isKey(jwk: Jwk): boolean {
  try {
    createPublicKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput)
    return true
  } catch {
    return false
  }
}
