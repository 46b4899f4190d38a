import { createHash, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { verifyDpopProof, type DpopOptions } from '../../src/jwt/dpop.js'
import { keySetOfJwk } from '../../src/jwt/key-set.js'
import { signJwt } from '../../src/jwt/sign.js'
import type { JsonObject, Jwk } from '../../src/jwt/types.js'
import { verifyJwt, type VerifyOptions } from '../../src/jwt/verify.js'

const NOW = 1_800_000_000
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = pair.publicKey.export({ format: 'jwk' }) as Jwk
const keys = keySetOfJwk(jwk)
const half = (text: string) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
const failed = (claims: JsonObject, header: JsonObject, options: Partial<VerifyOptions>) => {
  const token = signJwt({ alg: 'ES256', ...header }, claims, pair.privateKey)
  const verdict = verifyJwt(token, { keys, now: NOW * 1000, ...options })
  const names = verdict.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)
  expect(verdict.valid).toBe(names.length === 0)
  expect(verifyJwt(token, { keys, now: NOW * 1000, ...options, stopEarly: true }).valid).toBe(verdict.valid)
  return names
}
interface Row {
  readonly name: string
  readonly claims?: JsonObject
  readonly without?: readonly string[]
  readonly header?: JsonObject
  readonly options?: Partial<VerifyOptions>
  readonly expected: readonly string[]
}
const run = (
  base: JsonObject,
  header: JsonObject,
  { claims = {}, without = [], header: changed = {}, options = {} }: Row,
  profile: VerifyOptions['profile'],
) => {
  const all = Object.fromEntries(Object.entries({ ...base, ...claims }).filter(([name]) => !without.includes(name)))
  return failed(all, { ...header, ...changed }, { ...(profile && { profile }), ...options })
}

describe('access tokens (RFC 9068)', () => {
  const CLAIMS = { iss: 'https://idp.example', sub: 'alice', aud: 'orders', client_id: 'web', jti: '1', iat: NOW, exp: NOW + 60 }
  test.for<Row>([
    { name: 'as it should be', expected: [] },
    { name: 'typ in its long form', header: { typ: 'application/at+jwt' }, expected: [] },
    { name: 'typ JWT', header: { typ: 'JWT' }, expected: ['at+jwt'] },
    { name: 'typ JWT where that was asked for', header: { typ: 'JWT' }, options: { typ: 'JWT' }, expected: [] },
    ...['iss', 'sub', 'aud', 'client_id', 'jti', 'iat'].map((name) => ({ name: `without ${name}`, without: [name], expected: ['claims'] })),
    { name: 'without exp', without: ['exp'], expected: ['exp', 'claims'] },
    { name: 'with a nonce', claims: { nonce: 'n' }, expected: ['kind'] },
    { name: 'with an at_hash', claims: { at_hash: 'h' }, expected: ['kind'] },
  ])('$name', (row) => {
    expect(run(CLAIMS, { typ: 'at+jwt' }, row, 'access')).toEqual(row.expected)
  })
})

describe('ID tokens (OIDC Core §3.1.3.7)', () => {
  const CLAIMS = { iss: 'https://idp.example', sub: 'alice', aud: 'web', iat: NOW, exp: NOW + 60, nonce: 'n', auth_time: NOW - 100 }
  test.for<Row>([
    { name: 'as it should be', options: { clientId: 'web', nonce: 'n' }, expected: [] },
    { name: 'an access token', header: { typ: 'at+jwt' }, expected: ['kind'] },
    { name: 'a logout token', claims: { events: {} }, expected: ['kind'] },
    { name: 'without sub', without: ['sub'], expected: ['claims'] },
    { name: 'for another client', options: { clientId: 'other' }, expected: ['client'] },
    { name: 'for several without azp', claims: { aud: ['web', 'api'] }, options: { clientId: 'web' }, expected: ['azp'] },
    { name: 'for several with our azp', claims: { aud: ['web', 'api'], azp: 'web' }, options: { clientId: 'web' }, expected: [] },
    { name: 'with another azp', claims: { azp: 'other' }, options: { clientId: 'web' }, expected: ['azp'] },
    { name: 'with another nonce', options: { nonce: 'm' }, expected: ['nonce'] },
    { name: 'without the nonce', without: ['nonce'], options: { nonce: 'n' }, expected: ['nonce'] },
    { name: 'at_hash that fits', claims: { at_hash: half('token') }, options: { accessToken: 'token' }, expected: [] },
    { name: 'at_hash of another token', claims: { at_hash: half('other') }, options: { accessToken: 'token' }, expected: ['at_hash'] },
    { name: 'c_hash that fits', claims: { c_hash: half('code') }, options: { authorizationCode: 'code' }, expected: [] },
    { name: 'c_hash of another code', claims: { c_hash: half('other') }, options: { authorizationCode: 'code' }, expected: ['c_hash'] },
    { name: 'signed in recently enough', options: { maxAuthAgeSeconds: 100 }, expected: [] },
    { name: 'signed in too long ago', options: { maxAuthAgeSeconds: 99 }, expected: ['auth_time'] },
    { name: 'signed in nobody knows when', without: ['auth_time'], options: { maxAuthAgeSeconds: 99 }, expected: ['auth_time'] },
  ])('$name', (row) => {
    expect(run(CLAIMS, { typ: 'JWT' }, row, 'id')).toEqual(row.expected)
  })
})

describe('logout tokens (OIDC Back-Channel Logout §2.6)', () => {
  const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const CLAIMS = { iss: 'https://idp.example', aud: 'web', iat: NOW, exp: NOW + 60, jti: '1', sub: 'alice', events: EVENTS }
  test.for<Row>([
    { name: 'as it should be', expected: [] },
    { name: 'by session', without: ['sub'], claims: { sid: 's' }, expected: [] },
    { name: 'about nobody', without: ['sub'], expected: ['subject'] },
    { name: 'with a nonce', claims: { nonce: 'n' }, expected: ['kind'] },
    { name: 'an access token', header: { typ: 'at+jwt' }, expected: ['kind'] },
    { name: 'another event', claims: { events: { x: {} } }, expected: ['events'] },
    {
      name: 'an event that is no object',
      claims: { events: { 'http://schemas.openid.net/event/backchannel-logout': true } },
      expected: ['events'],
    },
    { name: 'without jti', without: ['jti'], expected: ['claims'] },
  ])('$name', (row) => {
    expect(run(CLAIMS, { typ: 'logout+jwt' }, row, 'logout')).toEqual(row.expected)
  })
})

describe('DPoP proofs (RFC 9449 §4.3)', () => {
  const CLAIMS = { htm: 'GET', htu: 'https://api.example/orders', iat: NOW, jti: '1' }
  const OPTIONS = { method: 'GET', url: 'https://api.example/orders?page=2#top' }
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  test.for<{
    name: string
    claims?: JsonObject
    header?: JsonObject
    options?: Partial<DpopOptions>
    expected: readonly string[]
    key?: typeof other
  }>([
    { name: 'as it should be', expected: [] },
    { name: 'the host in capitals and the default port', claims: { htu: 'https://API.example:443/orders' }, expected: [] },
    { name: 'another method', claims: { htm: 'POST' }, expected: ['htm'] },
    { name: 'the method in lower case', claims: { htm: 'get' }, expected: ['htm'] },
    { name: 'another path', claims: { htu: 'https://api.example/order' }, expected: ['htu'] },
    { name: 'no URL', claims: { htu: 'orders' }, expected: ['htu'] },
    { name: 'too old', options: { now: (NOW + 301) * 1000 }, expected: ['iat'] },
    { name: 'from the future', options: { now: (NOW - 1) * 1000 }, expected: ['iat'] },
    { name: 'from the future within leeway', options: { now: (NOW - 1) * 1000, leewaySeconds: 1 }, expected: [] },
    { name: 'another typ', header: { typ: 'JWT' }, expected: ['typ'] },
    { name: 'a jti that is no text', claims: { jti: 1 }, expected: ['jti'] },
    { name: 'a private key in it', header: { jwk: { ...jwk, d: 'AA' } as JsonObject }, expected: ['jwk'] },
    { name: 'a symmetric key in it', header: { jwk: { kty: 'oct', k: 'AA' } }, expected: ['key', 'jwk'] },
    { name: 'no key in it', header: { jwk: null }, expected: ['key', 'jwk'] },
    { name: 'a signature by another key', key: other, expected: ['signature'] },
    { name: 'an algorithm not wanted', options: { algorithms: ['PS256'] }, expected: ['alg'] },
    {
      name: 'ath that fits',
      claims: { ath: createHash('sha256').update('token').digest('base64url') },
      options: { accessToken: 'token' },
      expected: [],
    },
    { name: 'ath missing', options: { accessToken: 'token' }, expected: ['ath'] },
    { name: 'ath of another token', claims: { ath: 'x' }, options: { accessToken: 'token' }, expected: ['ath'] },
    { name: 'another nonce', claims: { nonce: 'a' }, options: { nonce: 'b' }, expected: ['nonce'] },
  ])('$name', ({ claims = {}, header = {}, options = {}, expected, key = pair }) => {
    const proof = signJwt({ alg: 'ES256', typ: 'dpop+jwt', jwk: jwk as JsonObject, ...header }, { ...CLAIMS, ...claims }, key.privateKey)
    const verdict = verifyDpopProof(proof, { now: NOW * 1000, ...OPTIONS, ...options })
    expect(verdict.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)).toEqual(expected)
    expect(verdict.valid).toBe(expected.length === 0)
    for (const { outcome, code } of verdict.checks) if (outcome === 'fail') expect(code).toBe('pop_failed')
  })
})
