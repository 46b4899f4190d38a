import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createKeySet, keySetOfJwk, keySetOfPem } from '../../src/jwt/key-set.js'
import { signJwt } from '../../src/jwt/sign.js'
import type { JsonObject, Jwk } from '../../src/jwt/types.js'
import { firstFailure, verifyJwt, type VerifyOptions } from '../../src/jwt/verify.js'

const NOW = 1_800_000_000
const now = NOW * 1000
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
const ed25519 = generateKeyPairSync('ed25519')
const ed448 = generateKeyPairSync('ed448')
const jwk = ({ publicKey }: { publicKey: KeyObject }, extra: JsonObject = {}): Jwk =>
  ({ ...publicKey.export({ format: 'jwk' }), ...extra }) as Jwk

const keys = createKeySet({
  keys: [
    jwk(rsa, { kid: 'rsa' }),
    jwk(p256, { kid: 'p256' }),
    jwk(p384, { kid: 'p384' }),
    jwk(p521, { kid: 'p521' }),
    jwk(ed25519, { kid: 'ed25519' }),
    jwk(ed448, { kid: 'ed448' }),
  ],
})
const CLAIMS = { iss: 'https://idp.example', aud: 'orders', sub: 'alice', iat: NOW - 10, exp: NOW + 300 }
const sign = (claims: JsonObject = CLAIMS, header: JsonObject = {}) =>
  signJwt({ alg: 'RS256', kid: 'rsa', ...header }, claims, rsa.privateKey)
const verify = (token: string, options: Partial<VerifyOptions> = {}) => verifyJwt(token, { keys, now, ...options })
const failures = (token: string, options?: Partial<VerifyOptions>) =>
  verify(token, options)
    .checks.filter(({ outcome }) => outcome === 'fail')
    .map(({ check, code }) => `${check}: ${code}`)

describe('signatures (RFC 7515 §5.2, RFC 7518 §3)', () => {
  test.for([
    ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((alg) => ({ alg, kid: 'rsa', pair: rsa })),
    { alg: 'ES256', kid: 'p256', pair: p256 },
    { alg: 'ES384', kid: 'p384', pair: p384 },
    { alg: 'ES512', kid: 'p521', pair: p521 },
    { alg: 'EdDSA', kid: 'ed25519', pair: ed25519 },
    { alg: 'Ed25519', kid: 'ed25519', pair: ed25519 },
    { alg: 'EdDSA', kid: 'ed448', pair: ed448 },
    { alg: 'Ed448', kid: 'ed448', pair: ed448 },
  ])('$alg with $kid is valid, and with one bit changed it is not', ({ alg, kid, pair }) => {
    const token = signJwt({ alg, kid }, CLAIMS, pair.privateKey)
    expect(verify(token)).toMatchObject({ valid: true })
    const [head, signature] = [token.slice(0, token.lastIndexOf('.')), token.slice(token.lastIndexOf('.') + 1)]
    const bytes = Buffer.from(signature, 'base64url')
    bytes[20] = (bytes[20] ?? 0) ^ 1
    expect(failures(`${head}.${bytes.toString('base64url')}`)).toEqual(['signature: token_bad_signature'])
  })

  test('a signature of another length is refused, whatever number it spells', () => {
    const secret = 'a secret of thirty-two characters'
    const hs = signJwt({ alg: 'HS256' }, CLAIMS, createSecretKey(Buffer.from(secret)))
    const es = signJwt({ alg: 'ES256', kid: 'p256' }, CLAIMS, p256.privateKey)
    const resized = (token: string, change: (bytes: Buffer) => Buffer) => {
      const [header, payload, signature = ''] = token.split('.')
      return `${header}.${payload}.${change(Buffer.from(signature, 'base64url')).toString('base64url')}`
    }
    const cut = (bytes: Buffer) => bytes.subarray(0, 16)
    const padded = (bytes: Buffer) => Buffer.concat([Buffer.alloc(1), bytes.subarray(0, 32), Buffer.alloc(1), bytes.subarray(32)])
    const zeroFirst = (bytes: Buffer) => Buffer.concat([Buffer.alloc(1), bytes])
    expect(failures(resized(hs, cut), { keys: createKeySet({ keys: [] }, { secret }) })).toEqual(['signature: token_bad_signature'])
    expect(failures(resized(es, padded))).toEqual(['signature: token_bad_signature'])
    expect(failures(resized(sign(), zeroFirst))).toEqual(['signature: token_bad_signature'])
  })

  test('changed claims do not verify', () => {
    const [header, , signature] = sign().split('.')
    const other = Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'mallory' })).toString('base64url')
    expect(failures(`${header}.${other}.${signature}`)).toEqual(['signature: token_bad_signature'])
  })

  test.for(['HS256', 'HS384', 'HS512'])('%s keyed with the text of a public key is refused (RFC 8725 §3.1)', (alg) => {
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string
    const token = signJwt({ alg, kid: 'rsa' }, CLAIMS, createSecretKey(Buffer.from(pem)))
    expect(failures(token)).toEqual(['key: token_alg_refused'])
    expect(verifyJwt(token, { keys: keySetOfPem(pem), now }).valid).toBe(false)
  })

  test('HS256 passes only with the secret the caller gave', () => {
    const token = signJwt({ alg: 'HS256' }, CLAIMS, createSecretKey(Buffer.from('a secret of thirty-two characters')))
    expect(verify(token, { keys: createKeySet({ keys: [] }, { secret: 'a secret of thirty-two characters' }) }).valid).toBe(true)
    expect(failures(token, { keys: createKeySet({ keys: [] }, { secret: 'another secret of as many letters' }) })).toEqual([
      'signature: token_bad_signature',
    ])
  })

  test('an oct key in a published set is left out, and reported', () => {
    const set = createKeySet({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'hs' }, jwk(rsa, { kid: 'rsa' })] })
    expect(set.skipped).toEqual([{ index: 0, kid: 'hs', reason: 'it is a symmetric key in a published set' }])
    expect(verify(signJwt({ alg: 'HS256', kid: 'hs' }, CLAIMS, createSecretKey(Buffer.from('secret'))), { keys: set }).valid).toBe(false)
    expect(verify(sign(), { keys: set }).valid).toBe(true)
  })

  test('a key inside the token is never looked at', () => {
    const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const token = signJwt({ alg: 'RS256', jwk: jwk(own) as JsonObject }, CLAIMS, own.privateKey)
    expect(failures(token)).toEqual(['signature: token_bad_signature'])
  })

  test.for([
    { name: 'none', header: { alg: 'none' } },
    { name: 'nOnE', header: { alg: 'nOnE' } },
    { name: 'missing', header: { kid: 'rsa' } },
    { name: 'a number', header: { alg: 256 } },
    { name: 'lower case', header: { alg: 'rs256', kid: 'rsa' } },
    { name: 'a property of every object', header: { alg: 'constructor' } },
  ])('alg $name is refused', ({ header }) => {
    const [, payload, signature] = sign().split('.')
    const head = Buffer.from(JSON.stringify(header)).toString('base64url')
    expect(failures(`${head}.${payload}.`)).toContain('alg: token_alg_refused')
    expect(firstFailure(verify(`${head}.${payload}.${signature}`))).toMatchObject({ code: 'token_alg_refused' })
  })

  test('the allow-list decides, not the header', () => {
    expect(verify(sign(), { algorithms: ['RS256'] }).valid).toBe(true)
    expect(failures(sign(), { algorithms: ['ES256'] })).toEqual(['alg: token_alg_refused'])
  })

  test("a key's own alg decides, not the header", () => {
    const bound = createKeySet({ keys: [jwk(rsa, { kid: 'rsa', alg: 'RS256' })] })
    expect(verify(sign(), { keys: bound }).valid).toBe(true)
    expect(failures(signJwt({ alg: 'PS256', kid: 'rsa' }, CLAIMS, rsa.privateKey), { keys: bound })).toEqual(['key: token_alg_refused'])
  })

  test('an unknown kid is refused, a pinned key does not care', () => {
    expect(failures(sign(CLAIMS, { kid: 'other' }))).toEqual(['key: token_unknown_key'])
    expect(failures(sign(CLAIMS, { kid: '__proto__' }))).toEqual(['key: token_unknown_key'])
    expect(verify(sign(CLAIMS, { kid: 'other' }), { keys: keySetOfJwk(jwk(rsa, { kid: 'mine' })) }).valid).toBe(true)
  })

  test.for([
    { name: 'for encryption', change: { use: 'enc' } },
    { name: 'for other operations', change: { key_ops: ['encrypt'] } },
    { name: 'for another alg', change: { alg: 'RSA-OAEP' } },
  ])('a key $name does not verify', ({ change }) => {
    expect(failures(sign(), { keys: createKeySet({ keys: [{ ...jwk(rsa, { kid: 'rsa' }), ...change } as Jwk] }) })).toEqual([
      'key: token_unknown_key',
    ])
  })

  test('RSA below 2048 bits is refused (RFC 7518 §3.3)', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const set = createKeySet({ keys: [jwk(short, { kid: 'short' })] })
    expect(set.skipped[0]?.reason).toBe('its modulus has 1024 bits, fewer than 2048')
    expect(failures(signJwt({ alg: 'RS256', kid: 'short' }, CLAIMS, short.privateKey), { keys: set })).toEqual(['key: token_unknown_key'])
  })
})

describe('header (RFC 7515 §4, RFC 8725)', () => {
  test.for<{ name: string; header: JsonObject; check: string }>([
    { name: 'an unknown critical extension', header: { crit: ['x'], x: 1 }, check: 'crit' },
    { name: 'an empty crit', header: { crit: [] }, check: 'crit' },
    { name: 'b64 false', header: { b64: false, crit: ['b64'] }, check: 'crit' },
    { name: 'b64 false without crit', header: { b64: false }, check: 'crit' },
    { name: 'zip', header: { zip: 'DEF' }, check: 'crit' },
  ])('$name is refused', ({ header, check }) => {
    expect(failures(sign(CLAIMS, header))).toEqual([`${check}: token_invalid`])
  })

  test.for([
    { name: 'the same', typ: 'at+jwt', valid: true },
    { name: 'the long form in other case', typ: 'application/AT+JWT', valid: true },
    { name: 'the generic one', typ: 'JWT', valid: false },
    { name: 'none', typ: undefined, valid: false },
  ])('typ $name → $valid where at+jwt is expected', ({ typ, valid }) => {
    const token = sign(CLAIMS, typ === undefined ? {} : { typ })
    expect(verify(token, { typ: 'at+jwt' }).valid).toBe(valid)
    if (!valid) expect(failures(token, { typ: 'at+jwt' })).toEqual(['typ: token_wrong_type'])
  })
})

describe('claims (RFC 7519 §4.1)', () => {
  const cases: readonly { name: string; claims: JsonObject; options?: Partial<VerifyOptions>; expected: readonly string[] }[] = [
    { name: 'exp in a second', claims: { exp: NOW + 1 }, expected: [] },
    { name: 'exp now', claims: { exp: NOW }, expected: ['exp: token_expired'] },
    { name: 'exp now within leeway', claims: { exp: NOW }, options: { leewaySeconds: 1 }, expected: [] },
    { name: 'exp at the end of the leeway', claims: { exp: NOW - 5 }, options: { leewaySeconds: 5 }, expected: ['exp: token_expired'] },
    { name: 'exp with a fraction', claims: { exp: NOW + 0.5 }, expected: [] },
    { name: 'exp missing', claims: {}, expected: ['exp: token_invalid'] },
    { name: 'exp missing where that is allowed', claims: {}, options: { requireExp: false }, expected: [] },
    { name: 'exp a numeric string', claims: { exp: String(NOW + 9) }, expected: ['exp: token_invalid'] },
    { name: 'exp a numeric string, leniently', claims: { exp: String(NOW + 9) }, options: { lenientTimes: true }, expected: [] },
    {
      name: 'exp a past numeric string, leniently',
      claims: { exp: String(NOW) },
      options: { lenientTimes: true },
      expected: ['exp: token_expired'],
    },
    { name: 'exp in words, leniently', claims: { exp: 'never' }, options: { lenientTimes: true }, expected: ['exp: token_invalid'] },
    { name: 'exp null', claims: { exp: null }, expected: ['exp: token_invalid'] },
    { name: 'exp zero', claims: { exp: 0 }, expected: ['exp: token_invalid'] },
    { name: 'exp in milliseconds', claims: { exp: NOW * 1000 }, expected: ['exp: token_invalid'] },
    { name: 'nbf now', claims: { exp: NOW + 9, nbf: NOW }, expected: [] },
    { name: 'nbf in a second', claims: { exp: NOW + 9, nbf: NOW + 1 }, expected: ['nbf: token_not_yet_valid'] },
    { name: 'nbf within leeway', claims: { exp: NOW + 9, nbf: NOW + 1 }, options: { leewaySeconds: 1 }, expected: [] },
    { name: 'nbf a list', claims: { exp: NOW + 9, nbf: [1] }, expected: ['nbf: token_invalid'] },
    { name: 'iat in a second', claims: { exp: NOW + 9, iat: NOW + 1 }, expected: ['iat: token_iat_future'] },
    { name: 'iat too long ago', claims: { exp: NOW + 9, iat: NOW - 61 }, options: { maxAgeSeconds: 60 }, expected: ['iat: token_expired'] },
    { name: 'iat missing where age counts', claims: { exp: NOW + 9 }, options: { maxAgeSeconds: 60 }, expected: ['iat: token_invalid'] },
    {
      name: 'iss with a trailing slash',
      claims: { exp: NOW + 9, iss: 'https://a/' },
      options: { issuer: 'https://a' },
      expected: ['iss: token_wrong_issuer'],
    },
    { name: 'iss the same', claims: { exp: NOW + 9, iss: 'https://a' }, options: { issuer: 'https://a' }, expected: [] },
    { name: 'iss one of two', claims: { exp: NOW + 9, iss: 'https://b' }, options: { issuer: ['https://a', 'https://b'] }, expected: [] },
    {
      name: 'iss a list',
      claims: { exp: NOW + 9, iss: ['https://a'] },
      options: { issuer: 'https://a' },
      expected: ['iss: token_wrong_issuer'],
    },
    { name: 'aud the same', claims: { exp: NOW + 9, aud: 'orders' }, options: { audience: 'orders' }, expected: [] },
    { name: 'aud one of two', claims: { exp: NOW + 9, aud: ['billing', 'orders'] }, options: { audience: 'orders' }, expected: [] },
    {
      name: 'aud that only begins so',
      claims: { exp: NOW + 9, aud: 'orders-admin' },
      options: { audience: 'orders' },
      expected: ['aud: audience_missing'],
    },
    { name: 'aud missing', claims: { exp: NOW + 9 }, options: { audience: 'orders' }, expected: ['aud: audience_missing'] },
    {
      name: 'aud with a number in it',
      claims: { exp: NOW + 9, aud: ['orders', 1] },
      options: { audience: 'orders' },
      expected: ['aud: audience_missing'],
    },
    {
      name: 'everything wrong at once',
      claims: { exp: NOW - 9, nbf: NOW + 9, iss: 'x', aud: 'y' },
      options: { issuer: 'https://a', audience: 'orders', typ: 'at+jwt' },
      expected: [
        'typ: token_wrong_type',
        'exp: token_expired',
        'nbf: token_not_yet_valid',
        'iss: token_wrong_issuer',
        'aud: audience_missing',
      ],
    },
  ]
  test.for(cases)('$name', ({ claims, options, expected }) => {
    const token = sign(claims)
    expect(failures(token, options)).toEqual(expected)
    expect(verify(token, options).valid).toBe(expected.length === 0)
    const early = verify(token, { ...options, stopEarly: true })
    expect(early.valid).toBe(expected.length === 0)
    expect(early.checks.filter(({ outcome }) => outcome === 'fail')).toHaveLength(Math.min(1, expected.length))
  })

  test('the hot path checks the signature last, but checks it', () => {
    const [header, payload] = sign().split('.')
    const forged = `${header}.${payload}.${Buffer.alloc(256).toString('base64url')}`
    expect(firstFailure(verify(forged, { stopEarly: true }))).toMatchObject({ check: 'signature', code: 'token_bad_signature' })
  })

  test('the clock may be a Date or a function', () => {
    expect(verify(sign(), { now: new Date(now) }).valid).toBe(true)
    expect(verify(sign(), { now: () => new Date(now + 301_000) }).valid).toBe(false)
  })
})
