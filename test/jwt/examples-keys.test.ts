import { describe, expect, test } from 'vitest'
import { publicJwk } from '../../src/jwt/generate-key.js'
import { lintKeySet } from '../../src/jwt/key-lint/index.js'
import { createKeySet, keySetOfJwk } from '../../src/jwt/key-set.js'
import { thumbprint } from '../../src/jwt/thumbprint.js'
import type { Jwk, JwkSet } from '../../src/jwt/types.js'
import { verifyJws } from '../../src/jwt/verify-jws.js'
import { examples } from './examples.js'

const NOW = new Date('2015-05-01T00:00:00Z')
const found = (jwks: JwkSet) => lintKeySet(jwks, { now: NOW }).map(({ key, index }) => `${key}${index === undefined ? '' : `#${index}`}`)

describe('RFC 7517 appendix A and B: keys', () => {
  const { public: published, private: secret, symmetric, certified } = examples.keys

  test('A.1: the RSA key verifies RS256 and nothing else, the key for encryption nothing', () => {
    const { keys, skipped } = createKeySet(published)
    expect(keys).toMatchObject([{ kid: '2011-04-29', algorithms: ['RS256'] }])
    expect(skipped).toEqual([{ index: 0, kid: '1', reason: 'its use is enc, not sig' }])
    expect(found(published)).not.toContain('set.private#0')
  })

  test('A.2: its public halves are A.1; published, it would let everybody mint', () => {
    expect(secret.keys.map(publicJwk)).toEqual(published.keys)
    expect(found(secret)).toEqual(expect.arrayContaining(['set.private#0', 'set.private#1']))
    expect(createKeySet(secret).keys.map(({ jwk }) => Object.keys(jwk ?? {}))).toEqual([['kty', 'n', 'e', 'alg', 'kid']])
  })

  test('A.3: a shared secret counts only where the caller owns the set, and one for wrapping keys never', () => {
    expect(createKeySet(symmetric).keys).toEqual([])
    const { keys, skipped } = createKeySet(symmetric, { symmetric: true })
    expect(keys).toMatchObject([{ kid: 'HMAC key used in JWS spec Appendix A.1 example', algorithms: ['HS256', 'HS384', 'HS512'] }])
    expect(skipped).toMatchObject([{ reason: 'its alg A128KW is no signature algorithm known here' }])
    const [signed] = examples.jws
    expect(verifyJws(signed?.compact ?? '', { keys: createKeySet(symmetric, { symmetric: true }) }).valid).toBe(true)
    expect(verifyJws(signed?.compact ?? '', { keys: createKeySet(symmetric) }).valid).toBe(false)
    expect(symmetric.keys.map(publicJwk)).toEqual([undefined, undefined])
  })

  test('B: the certificate in x5c is of this very key', () => {
    expect(found({ keys: [certified] }).filter((key) => key.startsWith('x5c'))).toEqual([])
    const [, other] = published.keys as [Jwk, Jwk]
    expect(found({ keys: [{ ...certified, n: other.n as string }] })).toContain('x5c.chain#0')
    expect(createKeySet({ keys: [certified] }).keys).toMatchObject([{ kid: '1b94c' }])
  })
})

describe('RFC 8037 A.1 to A.3: an Ed25519 key', () => {
  const { key } = examples.okp

  test('its public half verifies A.4, another one does not', () => {
    const signed = examples.jws.find(({ section }) => section === 'RFC 8037 A.4')
    const half = publicJwk(key) as Jwk
    expect(half).toEqual({ kty: 'OKP', crv: 'Ed25519', x: key['x'] })
    expect(verifyJws(signed?.compact ?? '', { keys: keySetOfJwk(half) }).valid).toBe(true)
    const other = { ...half, x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08' }
    expect(verifyJws(signed?.compact ?? '', { keys: keySetOfJwk(other) }).valid).toBe(false)
  })

  test('its thumbprint as printed, with or without the private half', () => {
    expect(thumbprint(key)).toBe(examples.okp.thumbprint)
    expect(thumbprint(publicJwk(key) as Jwk)).toBe(examples.okp.thumbprint)
    expect(thumbprint({ ...key, crv: 'X25519' })).not.toBe(examples.okp.thumbprint)
  })
})

test('RFC 7638 §3.1: the thumbprint as printed', () => {
  expect(thumbprint(examples.thumbprint.key)).toBe(examples.thumbprint.value)
  expect(thumbprint(examples.thumbprint.key, 'sha512')).not.toBe(examples.thumbprint.value)
})
