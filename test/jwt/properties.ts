import fc from 'fast-check'
import { createSecretKey } from 'node:crypto'
import * as jose from 'jose'
import { expect } from 'vitest'
import { OidcgwError } from '../../src/errors.js'
import { decodeJwt } from '../../src/jwt/decode.js'
import { createKeySet } from '../../src/jwt/key-set.js'
import { findTokens } from '../../src/jwt/paste.js'
import { readToken } from '../../src/jwt/reading.js'
import { verifyJws } from '../../src/jwt/verify-jws.js'
import { verifyJwt, type VerifyOptions } from '../../src/jwt/verify.js'
import { viewToken } from '../../src/jwt/view.js'
import { verifyDpopProof } from '../../src/jwt/dpop.js'
import { tokenJson } from '../../src/render/token-json.js'
import { tokenText } from '../../src/render/token-text.js'
import { PLAIN } from '../../src/render/palette.js'
import { anyToken, JWKS, KEYS, NOW, pooledToken, SECRET, signedToken } from './token-arbitraries.js'

const now = new Date(NOW * 1000)
const OPTIONS: VerifyOptions = { keys: KEYS, now, issuer: 'https://idp.example', audience: 'orders' }

/** Whatever the text: decode throws nothing but our error, verify nothing at all, and the hot path says the same. Plain comparisons: a matcher a run would cost most of the time. */
export function throwsOnlyOurs(numRuns: number): void {
  fc.assert(
    fc.property(anyToken(pooledToken(100)), (text) => {
      const verdict = verifyJwt(text, OPTIONS)
      return decodesOrSaysWhy(text) && verifyJwt(text, { ...OPTIONS, stopEarly: true }).valid === verdict.valid
    }),
    { numRuns },
  )
}

function decodesOrSaysWhy(text: string): boolean {
  try {
    decodeJwt(text)
    return true
  } catch (error) {
    if (!(error instanceof OidcgwError)) throw error
    return error.code === 'ERR_NOT_A_TOKEN' && (text.length <= 30 || !error.message.includes(text))
  }
}

const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/

/** Whatever the text: reading, linting and showing it throws nothing and lets no control character through; proofs and content neither. */
export function showsAnything(numRuns: number): void {
  fc.assert(
    fc.property(anyToken(pooledToken(100)), (text) => {
      verifyJws(text, { keys: KEYS })
      verifyDpopProof(text, { now })
      return findTokens(text)
        .map(readToken)
        .every((reading) => {
          const view = viewToken(reading, { now })
          tokenJson(view, now)
          return !UNPRINTABLE.test(tokenText(view, { now, palette: PLAIN, threshold: 'notice' }))
        })
    }),
    { numRuns },
  )
}

/** A token with any character of it changed is not valid any more. */
export function anyChangeIsSeen(numRuns: number): void {
  fc.assert(
    fc.property(pooledToken(100), fc.nat(), fc.constantFrom(...Array.from('ABCDxyz019-_=.')), (token, at, letter) => {
      const index = at % token.length
      const changed = token.slice(0, index) + letter + token.slice(index + 1)
      fc.pre(changed !== token)
      return !verifyJwt(changed, { keys: KEYS, now, requireExp: false }).valid
    }),
    { numRuns },
  )
}

const hmac = createKeySet({ keys: [] }, { secret: SECRET })
const getKey = jose.createLocalJWKSet(JWKS as jose.JSONWebKeySet)

/** What we refuse and jose does not, each with its reason. */
function explained(token: string): boolean {
  let decoded
  try {
    decoded = decodeJwt(token)
  } catch {
    return true // duplicate members, padding, white space, unused bits, more than 64 levels: RFC 8725 §3.7 and RFC 4648 §3.5, which jose leaves to base64 and JSON.parse
  }
  const { header, payload } = decoded
  const times = ['exp', 'nbf', 'iat'].map((name) => payload[name])
  return (
    times.some((time) => typeof time === 'number' && (time <= 0 || time > 100_000_000_000)) || // dates of 1970 and of milliseconds: jose takes any number
    (typeof payload['iat'] === 'number' && payload['iat'] > NOW) || // jose looks at iat only when a maxTokenAge is given; we never accept one from the future
    (payload['aud'] !== undefined && Array.isArray(payload['aud']) && payload['aud'].some((name) => typeof name !== 'string')) || // RFC 7519 §4.1.3: an array of strings
    header['b64'] !== undefined || // RFC 7797 §7 keeps b64 out of a JWT; jose ignores it unless crit lists it, and then takes b64: true
    (header['kid'] !== undefined && typeof header['kid'] !== 'string')
  )
}

/** Our verifier and jose say the same of every token; where they do not, the reason is one of {@link explained}. */
export async function agreesWithJose(numRuns: number): Promise<{ readonly valid: number; readonly explained: number }> {
  const seen = { valid: 0, explained: 0 }
  await fc.assert(
    fc.asyncProperty(anyToken(signedToken), async (token) => {
      const symmetric = token.startsWith('eyJhbGciOiJIUz')
      const ours = verifyJwt(token, {
        ...OPTIONS,
        keys: symmetric ? hmac : KEYS,
        issuer: ['https://idp.example', 'orders'],
        requireExp: true,
      }).valid
      const theirs = await joseSays(token, symmetric)
      if (ours) seen.valid++
      if (ours === theirs) return
      expect({ ours, explained: explained(token) }).toEqual({ ours: false, explained: true })
      seen.explained++
    }),
    { numRuns },
  )
  return seen
}

async function joseSays(token: string, symmetric: boolean): Promise<boolean> {
  const options = { currentDate: now, issuer: ['https://idp.example', 'orders'], audience: 'orders', requiredClaims: ['exp'] }
  try {
    await (symmetric ? jose.jwtVerify(token, createSecretKey(Buffer.from(SECRET)), options) : jose.jwtVerify(token, getKey, options))
    return true
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) return false
    for await (const key of error) {
      const good = await jose.jwtVerify(token, key, options).then(
        () => true,
        () => false,
      )
      if (good) return true
    }
    return false
  }
}
