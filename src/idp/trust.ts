import { createPublicKey, verify } from 'node:crypto'
import type { Jwk, JwkSet } from '../jwt/types.js'
import { thumbprint } from './keys.js'
import { ALGS, decodeParts, type Claims } from './signing.js'

/** Somebody whose assertions count as authorization grants (RFC 7523 §3), as a CI system's are. */
export interface TrustedIssuer {
  readonly issuer: string
  /** Public keys. */
  readonly jwks: JwkSet
  /** Which subjects may get tokens. Default: all. */
  readonly subjects?: readonly string[]
}

export type AssertionVerdict = { readonly claims: Claims } | { readonly refused: string }

/** Checks an assertion as RFC 7523 §3 asks: signature, `iss`, `sub`, `aud`, `exp`, `nbf`. Replay is the caller's to look at. */
export function checkAssertion(
  assertion: unknown,
  { trusted, audiences, now }: { readonly trusted: readonly TrustedIssuer[]; readonly audiences: readonly string[]; readonly now: Date },
): AssertionVerdict {
  const parts = decodeParts(assertion)
  if (!parts) return { refused: 'assertion is no JWT' }
  const { header, payload } = parts
  const issuer = trusted.find((candidate) => candidate.issuer === payload['iss'])
  if (!issuer) return { refused: 'assertion issuer is not trusted' }
  if (!issuer.jwks.keys.some((key) => matches(key, header) && isSignedBy(assertion as string, key))) {
    return { refused: 'assertion signature does not verify' }
  }
  const seconds = now.getTime() / 1000
  if (typeof payload['exp'] !== 'number' || payload['exp'] <= seconds) return { refused: 'assertion has expired or has no exp' }
  if (typeof payload['nbf'] === 'number' && payload['nbf'] > seconds) return { refused: 'assertion is not valid yet' }
  if (![payload['aud']].flat().some((audience) => audiences.includes(audience as string))) {
    return { refused: 'assertion audience is not this provider' }
  }
  const subject = payload['sub']
  if (typeof subject !== 'string' || subject === '') return { refused: 'assertion has no sub' }
  if (issuer.subjects && !issuer.subjects.includes(subject)) return { refused: 'assertion subject is not allowed' }
  return { claims: payload }
}

const matches = (key: Jwk, { kid, alg }: Claims): boolean =>
  (kid === undefined || kid === (key.kid ?? thumbprint(key))) && (key.alg === undefined || key.alg === alg)

function isSignedBy(token: string, key: Jwk): boolean {
  const alg = decodeParts(token)?.header['alg']
  const scheme = ALGS[alg as keyof typeof ALGS]
  // The algorithm must fit the type of the key, or a public key might be used as something else.
  const types: Readonly<Record<string, readonly string[]>> = { RSA: ['RS256', 'PS256'], EC: ['ES256'], OKP: ['EdDSA'] }
  if (!scheme || !types[key.kty ?? '']?.includes(alg as string)) return false
  const dot = token.lastIndexOf('.')
  try {
    const publicKey = createPublicKey({ key, format: 'jwk' })
    return verify(
      scheme.hash,
      Buffer.from(token.slice(0, dot)),
      { key: publicKey, ...scheme.options },
      Buffer.from(token.slice(dot + 1), 'base64url'),
    )
  } catch {
    return false
  }
}
