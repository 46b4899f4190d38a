import { createPrivateKey, type JsonWebKeyInput } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import * as door from '../src/index.js'
import { closureOf } from './support/closure.js'

const { createKeySet, decodeJwt, generateJwk, lintToken, publicJwk, signJwt, verifyJwt } = door

const ISSUER = 'https://idp.example'
const NOW = new Date('2026-01-01T00:00:00Z')
const seconds = NOW.getTime() / 1000

function minted(claims: door.JsonObject = {}) {
  const jwk = generateJwk('ES256')
  const key = createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput)
  const payload = { iss: ISSUER, sub: 'alice', aud: 'orders', iat: seconds, exp: seconds + 300, ...claims }
  return { jwk, payload, token: signJwt({ alg: 'ES256', typ: 'JWT', kid: jwk.kid as string }, payload, key) }
}

describe('tokens through the library’s door', () => {
  test('sign, decode, verify', () => {
    const { jwk, token, payload } = minted()
    expect(decodeJwt(token).payload).toEqual(payload)
    const keys = createKeySet({ keys: [publicJwk(jwk) as door.Jwk] })
    const options: door.VerifyOptions = { keys, issuer: ISSUER, audience: 'orders', now: NOW }
    expect(verifyJwt(token, options)).toMatchObject({ valid: true })
    expect(verifyJwt(token, { ...options, audience: 'billing' })).toMatchObject({ valid: false })
    expect(verifyJwt(token, { ...options, keys: createKeySet({ keys: [publicJwk(generateJwk('ES256')) as door.Jwk] }) }).valid).toBe(false)
  })

  test('what is no token is refused with a code, and is not shown', () => {
    const refused = (call: () => unknown) => {
      try {
        call()
      } catch (error) {
        expect(error).toBeInstanceOf(door.OidcgwError)
        return (error as door.OidcgwError).message + (error as door.OidcgwError).code
      }
      throw new Error('it was taken')
    }
    for (const call of [decodeJwt, lintToken]) {
      expect(refused(() => call('canary-opaque'))).toMatch(/ERR_NOT_A_TOKEN$/)
      expect(refused(() => call('canary-opaque'))).not.toContain('canary')
    }
  })

  test('lint says what is wrong with a token as it was found, by our clock', () => {
    const { token } = minted()
    const keysOf = (findings: readonly door.Finding[]) => findings.map(({ key }) => key)
    expect(keysOf(lintToken(`Authorization: Bearer ${token}`, { now: NOW }))).not.toContain('exp.expired')
    expect(keysOf(lintToken(token, { now: new Date(NOW.getTime() + 3_600_000) }))).toContain('exp.expired')
    // By the real clock, when none is given.
    expect(keysOf(lintToken(minted({ iat: 1e9, exp: 1e9 + 300 }).token))).toContain('exp.expired')
    expect(keysOf(lintToken(token, { now: NOW, issuer: `${ISSUER}/` }))).not.toEqual(keysOf(lintToken(token, { now: NOW })))
  })
})

test('no package is loaded with the door; the lab and the prober bring theirs when they are called', async () => {
  expect((await closureOf('src/index.ts')).packages).toEqual([])
  const { packages } = await closureOf('src/index.ts', { lazily: true })
  expect(packages).toEqual(expect.arrayContaining(['oidc-provider', 'undici', 'zod']))
})
