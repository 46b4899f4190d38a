import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { KEY_RULES, lintKeySet } from '../../src/jwt/key-lint/index.js'
import type { Jwk } from '../../src/jwt/types.js'

const now = new Date(1_800_000_000_000)
const rsa = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
  kid: 'r',
  alg: 'RS256',
  use: 'sig',
} as Jwk
const ec = {
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid: 'e',
  alg: 'ES256',
  use: 'sig',
} as Jwk
const found = (...keys: readonly unknown[]) => lintKeySet({ keys }, { now }).map(({ id, severity }) => `${id} ${severity}`)
const hex = (value: bigint) => Buffer.from(value.toString(16).padStart(512, '0'), 'hex').toString('base64url')
/** 65537^k modulo the product of many primes: what the flawed generator's moduli look like, without being one. */
const M = [
  2n,
  3n,
  5n,
  7n,
  11n,
  13n,
  17n,
  19n,
  23n,
  29n,
  31n,
  37n,
  41n,
  43n,
  47n,
  53n,
  59n,
  61n,
  67n,
  71n,
  73n,
  79n,
  83n,
  89n,
  97n,
  101n,
  103n,
  107n,
  109n,
  113n,
  127n,
  131n,
  137n,
  139n,
  149n,
  151n,
  157n,
].reduce((a, b) => a * b)
const roca = hex(((1n << 2047n) / M) * M + (65_537n ** 5n % M))
const shared = (1n << 1024n) + 643n
const url = new URL('https://idp.example/jwks')
const delivered = (headers: Record<string, string>, where = url) =>
  lintKeySet({ keys: [rsa] }, { now, delivery: { url: where, headers, status: 200 } }).map(({ id, message }) => `${id} ${message}`)

test('a clean set has nothing to say', () => {
  expect(found(rsa, ec)).toEqual([])
})

describe('every rule speaks', () => {
  test.for<{ expected: string; keys: readonly unknown[] }>([
    { expected: 'K-01 error', keys: [] },
    { expected: 'K-02 error', keys: [{ ...rsa, d: 'AA' }] },
    { expected: 'K-02 error', keys: [{ kty: 'oct', k: 'AA', kid: 's' }] },
    { expected: 'K-03 error', keys: [rsa, { kty: 'oct', k: 'AA', kid: 's' }] },
    { expected: 'K-04 warn', keys: [{ ...rsa, kid: undefined }] },
    { expected: 'K-04 warn', keys: [rsa, { ...rsa, n: hex((1n << 2047n) + 1n) }] },
    { expected: 'K-05 warn', keys: [{ ...rsa, alg: undefined }] },
    { expected: 'K-05 warn', keys: [{ ...rsa, alg: 'ES256' }] },
    { expected: 'K-05 warn', keys: [{ ...rsa, alg: 'rs256' }] },
    { expected: 'K-06 warn', keys: [{ ...rsa, use: undefined }] },
    { expected: 'K-06 warn', keys: [{ ...rsa, key_ops: ['encrypt'] }] },
    { expected: 'K-07 error', keys: [{ ...rsa, n: Buffer.alloc(128, 0xff).toString('base64url') }] },
    { expected: 'K-07 info', keys: [{ ...rsa, n: Buffer.alloc(1200, 0xff).toString('base64url') }] },
    { expected: 'K-08 error', keys: [{ ...rsa, e: 'AQ' }] },
    { expected: 'K-08 error', keys: [{ ...rsa, e: 'BA' }] },
    { expected: 'K-08 warn', keys: [{ ...rsa, e: 'Aw' }] },
    {
      expected: 'K-09 warn',
      keys: [{ ...rsa, n: Buffer.concat([Buffer.alloc(1), Buffer.from(rsa.n ?? '', 'base64url')]).toString('base64url') }],
    },
    { expected: 'K-09 warn', keys: [{ ...rsa, n: `${rsa.n}=` }] },
    { expected: 'K-09 warn', keys: [{ ...rsa, n: hex(1n << 2047n) }] },
    {
      expected: 'K-10 error',
      keys: [
        { ...rsa, n: hex(shared * ((1n << 1000n) + 297n)) },
        { ...rsa, kid: '2', n: hex(shared * ((1n << 1001n) + 1n)) },
      ],
    },
    { expected: 'K-11 error', keys: [{ ...rsa, n: roca }] },
    { expected: 'K-12 error', keys: [{ ...ec, y: ec.x }] },
    { expected: 'K-12 error', keys: [{ ...ec, x: Buffer.alloc(31, 1).toString('base64url') }] },
    { expected: 'K-13 warn', keys: [{ ...rsa, x5c: ['nonsense'] }] },
    { expected: 'K-13 warn', keys: [{ ...rsa, x5c: ['a-b_'] }] },
    {
      expected: 'K-14 error',
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'x', alg: 'EdDSA', use: 'sig' }],
    },
    { expected: 'K-16 info', keys: Array.from({ length: 21 }, (_, index) => ({ ...rsa, kid: String(index) })) },
  ])('$expected', ({ expected, keys }) => {
    expect(found(...keys)).toContain(expected)
  })

  test('K-01 for what is no set', () => {
    for (const document of [null, [], 'html', { keys: {} }, {}])
      expect(lintKeySet(document, { now })).toMatchObject([{ id: 'K-01', severity: 'error' }])
  })

  test('K-15 looks at how it was served', () => {
    expect(delivered({ 'content-type': 'application/jwk-set+json', 'cache-control': 'max-age=300' })).toEqual([])
    expect(delivered({ 'content-type': 'text/html' }).join()).toMatch(/K-15 Content-Type text\/html.*K-15 No caching headers/)
    expect(delivered({ 'content-type': 'application/json', expires: 'x' }, new URL('http://idp.example/jwks'))).toEqual([
      'K-15 Served over plain http',
    ])
    expect(delivered({ 'content-type': 'application/json', expires: 'x' }, new URL('http://127.0.0.1:9/jwks'))).toEqual([])
  })

  test('rules are numbered without a gap', () => {
    expect(KEY_RULES.map(({ id }) => id)).toEqual(Array.from({ length: 16 }, (_, index) => `K-${String(index + 1).padStart(2, '0')}`))
  })

  test('encryption keys are left in peace, and one key twice shares no prime', () => {
    expect(found({ ...rsa, alg: 'RSA-OAEP-256', use: 'enc' })).toEqual([])
    expect(found(rsa, { ...rsa, kid: 'again' })).toEqual([])
  })
})
