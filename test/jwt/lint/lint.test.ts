import { createHash, createSecretKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { lintToken, LINT_RULES, type LintEvidence } from '../../../src/jwt/lint/index.js'
import { findTokens } from '../../../src/jwt/paste.js'
import { readToken } from '../../../src/jwt/reading.js'
import { signJwt } from '../../../src/jwt/sign.js'
import type { Jwk } from '../../../src/jwt/types.js'

const NOW = 1_800_000_000
const now = new Date(NOW * 1000)
const b64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? (value as string) : JSON.stringify(value)).toString('base64url')
const SIGNATURE = Buffer.alloc(256, 7)
const HEADER = { alg: 'PS256', kid: 'k1', typ: 'at+jwt' }
const CLAIMS = {
  iss: 'https://idp.example',
  sub: 'alice',
  aud: 'orders',
  client_id: 'web',
  scope: 'orders.read',
  jti: 'j',
  iat: NOW - 60,
  exp: NOW + 600,
}
const raw = (header: unknown, payload: unknown, signature: Buffer | string = SIGNATURE) =>
  `${b64(header)}.${b64(payload)}.${b64(signature)}`
const token = (header: object = {}, claims: object = {}) => raw({ ...HEADER, ...header }, { ...CLAIMS, ...claims })
const idToken = (header: object = {}, claims: object = {}) =>
  raw({ ...HEADER, typ: 'JWT', ...header }, { ...CLAIMS, scope: undefined, client_id: undefined, nonce: 'n', ...claims })
const lint = (text: string, evidence: LintEvidence & { fromArgument?: boolean } = {}) =>
  findTokens(text)
    .map(readToken)
    .flatMap((reading) => lintToken(reading, { now, ...evidence }))
const found = (text: string, evidence?: LintEvidence & { fromArgument?: boolean }) =>
  lint(text, evidence).map(({ id, severity }) => `${id} ${severity}`)
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p256Jwk = { ...p256.publicKey.export({ format: 'jwk' }), kid: 'k1' } as Jwk
const der = Buffer.concat([Buffer.from([0x30, 0x45]), Buffer.alloc(69, 1)])
const hs = (secret: string) => signJwt({ ...HEADER, alg: 'HS256' }, CLAIMS, createSecretKey(Buffer.from(secret)))
const jwe = (header: object = {}) => `${b64({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: 'k1', typ: 'JWT', ...header })}.AA.AA.AA.AA`

test('a clean access token has nothing but notices', () => {
  expect(found(token())).toEqual(['L-67 notice', 'L-81 notice'])
})

interface Row {
  readonly text: string
  readonly expected: string
  readonly evidence?: LintEvidence & { readonly fromArgument?: boolean }
}

/** One text that a rule must speak about; the clean token above is the neighbour about which none does. */
const ROWS: readonly Row[] = [
  { text: '2YotnFZFEjr1zCsicMWpAA', expected: 'L-01 info' },
  { text: `'${token()}'`, expected: 'L-02 warn' },
  { text: `Authorization: Bearer ${token()}`, expected: 'L-02 info' },
  { text: `${b64(HEADER)}.${b64(CLAIMS)}`, expected: 'L-03 error' },
  { text: JSON.stringify({ payload: b64(CLAIMS), protected: b64(HEADER), signature: 'AA' }), expected: 'L-04 warn' },
  { text: `${token()}~${b64(['salt', 'given_name', 'A'])}~`, expected: 'L-05 info' },
  { text: `${b64(HEADER)}.${b64(CLAIMS)}.+/+/`, expected: 'L-06 error' },
  { text: `${token()}==`, expected: 'L-07 warn' },
  { text: `${b64(HEADER)}.${b64(CLAIMS)}.${SIGNATURE.toString('base64url').slice(0, -1)}d`, expected: 'L-08 warn' },
  { text: raw(HEADER, CLAIMS, 'short'), expected: 'L-09 error' },
  { text: raw({ ...HEADER, alg: 'ES256' }, CLAIMS, der), expected: 'L-09 error' },
  { text: `${b64(HEADER)}.${b64(CLAIMS)}.`, expected: 'L-10 error' },
  { text: token({}, { x: 'y'.repeat(4000) }), expected: 'L-11 info' },
  { text: token({}, { x: 'y'.repeat(8000) }), expected: 'L-11 warn' },
  { text: token({}, { x: 'y'.repeat(16_000) }), expected: 'L-11 error' },
  { text: JSON.stringify({ payload: b64(CLAIMS), signatures: [] }), expected: 'L-21 error' },
  { text: raw(HEADER, 'plain text'), expected: 'L-13 error' },
  { text: raw(HEADER, `\uFEFF${JSON.stringify(CLAIMS)}`), expected: 'L-14 error' },
  { text: raw(HEADER, '{"exp":1,"exp":2}'), expected: 'L-15 error' },
  { text: token({}, { Exp: 1 }), expected: 'L-16 warn' },
  { text: raw(HEADER, String.raw`{"\u0061ud":"x"}`), expected: 'L-16 warn' },
  { text: token({}, { 'aud ': 'x' }), expected: 'L-16 warn' },
  { text: raw(HEADER, '{"n":9007199254740993}'), expected: 'L-17 warn' },
  { text: raw(HEADER, '{"n":1e999}'), expected: 'L-17 warn' },
  { text: raw(HEADER, '{"n":-0}'), expected: 'L-17 warn' },
  { text: raw(HEADER, '{"__proto__":{}}'), expected: 'L-18 warn' },
  { text: token({}, { name: 'a\u202eb' }), expected: 'L-19 warn' },
  { text: token({ alg: 'NONE' }), expected: 'L-20 error' },
  { text: token({ alg: 256 }), expected: 'L-21 error' },
  { text: hs('a secret nobody would ever guess'), expected: 'L-22 warn' },
  { text: token({ alg: 'RS1' }), expected: 'L-23 error' },
  { text: jwe({ alg: 'RSA1_5' }), expected: 'L-23 error' },
  { text: token({ alg: 'ps256' }), expected: 'L-24 warn' },
  { text: raw({ ...HEADER, alg: 'EdDSA' }, CLAIMS, Buffer.alloc(64, 1)), expected: 'L-25 info' },
  { text: token({ alg: 'RS256' }), expected: 'L-26 info' },
  { text: token({ kid: undefined }), expected: 'L-27 warn' },
  { text: token({ kid: '../../dev/null' }), expected: 'L-28 warn' },
  { text: token({ kid: "x' OR '1'='1" }), expected: 'L-28 warn' },
  { text: token({ kid: '__proto__' }), expected: 'L-28 warn' },
  { text: token({ kid: 7 }), expected: 'L-28 warn' },
  { text: token({ kid: 'gone' }), expected: 'L-29 error', evidence: { jwks: { keys: [p256Jwk] } } },
  { text: token({ jwk: p256Jwk }), expected: 'L-30 warn' },
  { text: token({ jwk: { ...p256Jwk, d: 'AA' } }), expected: 'L-31 error' },
  { text: token({ jku: 'https://idp.example/keys' }), expected: 'L-32 warn' },
  { text: token({ jku: 'https://evil.example/keys' }), expected: 'L-32 error' },
  { text: token({ x5u: 'http://idp.example/keys' }), expected: 'L-32 error' },
  { text: token({ x5c: ['nonsense'] }), expected: 'L-33 warn' },
  { text: token({ x5t: 'AA' }), expected: 'L-34 info' },
  { text: token({ crit: ['x'], x: 1 }), expected: 'L-35 info' },
  { text: token({ crit: [] }), expected: 'L-35 error' },
  { text: token({ crit: ['alg'] }), expected: 'L-35 error' },
  { text: token({ crit: ['missing'] }), expected: 'L-35 error' },
  { text: token({ crit: ['x', 'x'], x: 1 }), expected: 'L-35 error' },
  { text: token({ b64: false }), expected: 'L-36 error' },
  { text: token({ zip: 'DEF' }), expected: 'L-37 error' },
  { text: jwe({ zip: 'DEF' }), expected: 'L-37 warn' },
  { text: token({ typ: undefined }), expected: 'L-38 info' },
  { text: token({ typ: 'JWT' }), expected: 'L-39 info' },
  { text: token({}, { at_hash: 'x' }), expected: 'L-40 warn' },
  { text: token({ cty: 'JWT' }), expected: 'L-41 info' },
  { text: token({ iss: 'https://other.example' }), expected: 'L-42 error' },
  { text: jwe({ p2c: 10 }), expected: 'L-43 warn' },
  { text: jwe({ p2c: 2 ** 31 - 1 }), expected: 'L-43 error' },
  { text: jwe({ epk: { ...p256Jwk, y: p256Jwk['x'] } }), expected: 'L-44 error' },
  { text: jwe(), expected: 'L-45 info' },
  { text: token({}, { exp: undefined }), expected: 'L-46 error' },
  { text: idToken({}, { exp: undefined }), expected: 'L-46 warn' },
  { text: token({}, { exp: NOW }), expected: 'L-47 error' },
  { text: token({}, { exp: NOW + 60 }), expected: 'L-48 warn' },
  { text: token({}, { exp: String(NOW + 600) }), expected: 'L-49 error' },
  { text: token({}, { exp: (NOW + 600) * 1000 }), expected: 'L-50 error' },
  { text: token({}, { nbf: NOW + 700 }), expected: 'L-51 error' },
  { text: token({}, { iat: 0 }), expected: 'L-51 error' },
  { text: token({}, { nbf: NOW + 60 }), expected: 'L-52 error' },
  { text: token({}, { iat: NOW + 60 }), expected: 'L-53 warn' },
  { text: token({}, { exp: NOW + 7200 }), expected: 'L-54 info' },
  { text: token({}, { exp: NOW + 2 * 86_400 }), expected: 'L-54 warn' },
  { text: token({}, { exp: NOW + 8 * 86_400 }), expected: 'L-54 error' },
  { text: idToken({}, { exp: NOW + 2 * 86_400 }), expected: 'L-54 warn' },
  { text: token({}, { iss: undefined }), expected: 'L-55 warn' },
  { text: token({}, { iss: 'http://idp.example' }), expected: 'L-56 warn' },
  { text: token({}, { iss: 'http://127.0.0.1:9000' }), expected: 'L-56 info' },
  { text: token({}, { iss: 'https://idp.example?x' }), expected: 'L-56 warn' },
  { text: token({}, { iss: 'https://idp.example/' }), expected: 'L-57 info' },
  { text: token(), expected: 'L-58 error', evidence: { issuer: 'https://idp.example/' } },
  { text: token({}, { aud: undefined }), expected: 'L-59 error' },
  { text: idToken({}, { aud: [] }), expected: 'L-59 warn' },
  { text: token({}, { aud: ['a', 'b', 'c', 'd', 'e', 'f'] }), expected: 'L-60 warn' },
  { text: token({}, { aud: 'https://*.example' }), expected: 'L-60 warn' },
  { text: token({}, { aud: 'web' }), expected: 'L-61 warn', evidence: { clientId: 'web' } },
  { text: idToken({}, { aud: ['web', 'api'] }), expected: 'L-62 warn' },
  { text: token({}, { sub: '' }), expected: 'L-63 warn' },
  { text: token({}, { sub: 'web' }), expected: 'L-64 info' },
  {
    text: token({}, { iss: 'https://sts.windows.net/11111111-1111-1111-1111-111111111111/', tid: '22222222-2222-2222-2222-222222222222' }),
    expected: 'L-65 warn',
  },
  { text: token({}, { jti: undefined }), expected: 'L-66 info' },
  { text: raw({ ...HEADER, typ: 'dpop+jwt', jwk: p256Jwk }, { htm: 'GET', htu: 'https://a', iat: NOW }), expected: 'L-66 error' },
  { text: token(), expected: 'L-67 notice' },
  { text: idToken(), expected: 'L-68 info' },
  { text: token({ typ: 'JWT' }, { typ: 'Refresh' }), expected: 'L-69 warn' },
  { text: token({ nonce: 'x' }), expected: 'L-70 warn' },
  { text: idToken({}, { at_hash: 'wrong' }), expected: 'L-71 error', evidence: { accessToken: 'abc' } },
  { text: token({}, { scope: ['a', 'b'] }), expected: 'L-72 warn' },
  { text: token({}, { scope: 'a,b' }), expected: 'L-72 warn' },
  { text: token({}, { scope: 'a a' }), expected: 'L-72 warn' },
  { text: token({}, { scp: ['a'] }), expected: 'L-73 info' },
  { text: token({}, { roles: ['a'], groups: ['b'] }), expected: 'L-73 info' },
  { text: token({}, { hasgroups: true }), expected: 'L-74 warn' },
  { text: token({}, { cnf: { jkt: 'x' } }), expected: 'L-75 info' },
  { text: token({}, { cnf: { 'x5t#S256': 'x' } }), expected: 'L-75 info' },
  { text: token({}, { cnf: { strange: 'x' } }), expected: 'L-75 warn' },
  { text: token({}, { act: { sub: 'x' } }), expected: 'L-76 info' },
  { text: token({}, { email: 'a@b.example' }), expected: 'L-77 info' },
  { text: token({}, { user: { password: 'x' } }), expected: 'L-78 error' },
  { text: token({}, { k: '-----BEGIN PRIVATE KEY-----' }), expected: 'L-78 error' },
  { text: token({}, { card: '4111 1111 1111 1111' }), expected: 'L-78 error' },
  { text: token({}, { sub: '1234567890', name: 'John Doe' }), expected: 'L-79 warn' },
  { text: hs('secret'), expected: 'L-80 error' },
  { text: hs('eighteen-letters-x'), expected: 'L-80 error', evidence: { secret: 'eighteen-letters-x' } },
  { text: token(), expected: 'L-81 notice' },
  { text: token(), expected: 'L-82 error', evidence: { jwks: { keys: [p256Jwk] } } },
  { text: token(), expected: 'L-82 error', evidence: { jwks: { keys: [{ ...p256Jwk, use: 'enc' }] } } },
  { text: token(), expected: 'L-83 notice', evidence: { fromArgument: true } },
]

describe('every rule speaks', () => {
  test.for(ROWS.map((row, index) => ({ ...row, index })))('$expected (row $index)', ({ text, expected, evidence }) => {
    expect(found(text, evidence)).toContain(expected)
  })

  test('no rule is without a row', () => {
    const spoken = new Set(ROWS.map(({ expected }) => expected.split(' ')[0]))
    // L-12 needs a header that is no JSON, which the reader takes for an opaque token: it speaks for JSON serializations only.
    expect(LINT_RULES.map(({ id }) => id).filter((id) => !spoken.has(id) && id !== 'L-12')).toEqual([])
  })

  test('ids and keys are unique, and numbered without a gap', () => {
    expect(LINT_RULES.map(({ id }) => id)).toEqual(Array.from({ length: 83 }, (_, index) => `L-${String(index + 1).padStart(2, '0')}`))
    expect(new Set(LINT_RULES.map(({ key }) => key)).size).toBe(83)
  })

  test('what is right is left in peace', () => {
    expect(
      found(token(), {
        jwks: { keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }), kid: 'k1' } as Jwk] },
      }),
    ).not.toContain('L-82 error')
    expect(found(token(), { issuer: 'https://idp.example', clientId: 'web' })).toEqual(['L-67 notice', 'L-81 notice'])
    expect(found(jwe({ epk: p256Jwk }))).not.toContain('L-44 error')
    expect(found(token({}, { order: '1795626057123' }))).not.toContain('L-78 error')
    expect(found(token({}, { scp: undefined, AUD: undefined, n: 1.5 }))).toEqual(['L-67 notice', 'L-81 notice'])
  })

  test('at_hash is left in peace when it fits the access token', () => {
    const half = createHash('sha256').update('abc').digest().subarray(0, 16).toString('base64url')
    expect(found(idToken({}, { at_hash: half }), { accessToken: 'abc' })).not.toContain('L-71 error')
  })

  test('messages never hold a raw control character', () => {
    for (const { message } of lint(token({ kid: "a\u001b[31m'" }, { 'na\u202eme': '\u0007', scope: 'a,b' })))
      expect(message).not.toMatch(/[\u0000-\u001f\u202e]/)
  })
})
