import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signJwt } from '../../src/jwt/sign.js'
import type { JsonObject } from '../../src/jwt/types.js'
import { cli } from '../support/memory-host.js'

const NOW = 1_800_000_000
const now = () => new Date(NOW * 1000)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = (key: KeyObject, extra: object = {}) => ({ ...key.export({ format: 'jwk' }), ...extra })
const JWKS = { keys: [jwk(rsa.publicKey, { kid: 'k1', use: 'sig', alg: 'RS256' })] }
const folder = mkdtempSync(join(tmpdir(), 'oidcgw-verify-'))
const file = (name: string, content: unknown): string => {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return name
}
file('jwks.json', JWKS)
file('pub.pem', rsa.publicKey.export({ type: 'spki', format: 'pem' }))
file('other.pem', other.publicKey.export({ type: 'spki', format: 'pem' }))
file('pub.jwk', jwk(rsa.publicKey, { kid: 'another name' }))
file('secret', 'a secret of thirty-two characters\n')

let server: Server
let origin = ''
let asked: string[] = []
const routes: Record<string, [number, unknown]> = {}
const sign = (claims: JsonObject = {}, header: JsonObject = {}, key = rsa.privateKey) =>
  signJwt(
    { alg: 'RS256', kid: 'k1', ...header },
    { iss: origin, aud: 'orders', sub: 'alice', iat: NOW - 10, exp: NOW + 300, ...claims },
    key,
  )
const run = (argv: readonly string[], options: Parameters<typeof cli>[1] = {}) => cli(['verify', ...argv], { now, cwd: folder, ...options })

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const [status, body] = routes[request.url ?? ''] ?? [404, 'no']
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  routes['/.well-known/openid-configuration'] = [200, { issuer: origin, jwks_uri: `${origin}/jwks` }]
  routes['/.well-known/oauth-authorization-server/plain'] = [200, { issuer: `${origin}/plain`, jwks_uri: `${origin}/jwks` }]
  routes['/liar/.well-known/openid-configuration'] = [200, { issuer: origin, jwks_uri: `${origin}/jwks` }]
  routes['/slash/.well-known/openid-configuration'] = [200, { issuer: `${origin}/slash/`, jwks_uri: `${origin}/jwks` }]
  routes['/broken/.well-known/openid-configuration'] = [500, 'oops']
  routes['/nokeys/.well-known/openid-configuration'] = [200, { issuer: `${origin}/nokeys`, jwks_uri: `${origin}/nowhere` }]
  routes['/jwks'] = [200, JWKS]
})
afterAll(() => void server.close())

describe('verify: where the keys come from', () => {
  test.for([
    { name: 'an issuer, by OIDC discovery', flags: () => ['--issuer', origin] },
    { name: 'a JWKS URL', flags: () => ['--jwks', `${origin}/jwks`] },
    { name: 'a JWKS file', flags: () => ['--jwks', 'jwks.json'] },
    { name: 'a PEM', flags: () => ['--pem', 'pub.pem'] },
    { name: 'a JWK whose kid is another', flags: () => ['--key', 'pub.jwk'] },
    { name: 'a PEM as --key', flags: () => ['--key', 'pub.pem'] },
  ])('$name', async ({ flags }) => {
    expect(await run(flags(), { stdin: sign() })).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^valid\n/) })
    const forged = sign({}, {}, other.privateKey)
    expect(await run(flags(), { stdin: forged })).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('✗ signature  it does not verify (RFC 7515 §5.2)'),
    })
  })

  test('RFC 8414 metadata, when OIDC discovery finds none', async () => {
    asked = []
    const token = sign({ iss: `${origin}/plain` })
    expect((await run(['--issuer', `${origin}/plain`], { stdin: token })).exitCode).toBe(0)
    expect(asked).toEqual(['/plain/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/plain', '/jwks'])
  })

  test('JWKS from stdin', async () => {
    expect((await run(['--jwks', '-', sign()], { stdin: JSON.stringify(JWKS) })).exitCode).toBe(0)
    expect(await run(['--jwks', '-'], { stdin: JSON.stringify(JWKS) })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('cannot both come from stdin'),
    })
  })

  test('a secret by reference, for HS256 only', async () => {
    const token = signJwt({ alg: 'HS256' }, { exp: NOW + 1 }, createSecretKey(Buffer.from('a secret of thirty-two characters')))
    expect((await run(['--secret', 'file:secret'], { stdin: token })).exitCode).toBe(0)
    expect((await run(['--secret', 'env:S'], { stdin: token, env: { S: 'another secret of as many letters' } })).exitCode).toBe(1)
    expect((await run(['--secret', 'file:secret'], { stdin: sign() })).exitCode).toBe(1)
    expect(await run(['--secret', 'a-literal'], { stdin: token })).toMatchObject({
      exitCode: 2,
      stderr: expect.not.stringContaining('a-literal'),
    })
  })

  test('the environment, then the default profile of the project file', async () => {
    expect((await run([], { stdin: sign(), env: { OIDCGW_ISSUER: origin } })).exitCode).toBe(0)
    file('project.yaml', `version: 1\ndefault_profile: m2m\nprofiles:\n  m2m: { issuer: "${origin}", client: { id: demo } }\n`)
    expect(await run(['-c', 'project.yaml'], { stdin: sign() })).toMatchObject({ exitCode: 0, stderr: '' })
    expect((await run([], { stdin: sign(), env: { OIDCGW_CONFIG: join(folder, 'project.yaml') } })).exitCode).toBe(0)
    expect(await run(['-c', 'project.yaml', '-p', 'nobody'], { stdin: sign() })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Profiles: m2m'),
    })
  })

  test('never from the token: its iss, jku, x5u and jwk cause no request', async () => {
    asked = []
    const hostile = sign({}, { jku: `${origin}/jwks`, x5u: `${origin}/jwks`, jwk: jwk(other.publicKey) as JsonObject }, other.privateKey)
    expect((await run(['--pem', 'pub.pem'], { stdin: hostile })).exitCode).toBe(1)
    expect(await run([], { stdin: sign(), env: { HOME: folder } })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('whose keys?'),
    })
    expect(asked).toEqual([])
  })

  test.for([
    { name: 'metadata of another issuer', flags: () => ['--issuer', `${origin}/liar`], exitCode: 4, message: 'its metadata says' },
    { name: 'an issuer without its slash', flags: () => ['--issuer', `${origin}/slash`], exitCode: 4, message: 'its metadata says' },
    { name: 'a provider in trouble', flags: () => ['--issuer', `${origin}/broken`], exitCode: 4, message: 'answered 500' },
    { name: 'no key set there', flags: () => ['--issuer', `${origin}/nokeys`], exitCode: 4, message: '/nowhere answered 404' },
    { name: 'nobody listening', flags: () => ['--issuer', 'http://127.0.0.1:1'], exitCode: 4, message: 'nothing listens there' },
    { name: 'plain http elsewhere', flags: () => ['--issuer', 'http://idp.example'], exitCode: 2, message: 'is not https' },
    {
      name: 'two sources',
      flags: () => ['--pem', 'pub.pem', '--jwks', 'jwks.json'],
      exitCode: 2,
      message: '--jwks and --pem were both given',
    },
    { name: 'a file that is not there', flags: () => ['--pem', 'nowhere.pem'], exitCode: 2, message: 'nowhere.pem cannot be read' },
    { name: 'a file that is no key', flags: () => ['--pem', 'secret'], exitCode: 2, message: 'secret holds neither PEM nor a JWK' },
    { name: 'a time that is none', flags: () => ['--pem', 'pub.pem', '--at', 'soon'], exitCode: 2, message: '"soon" is no time' },
    {
      name: 'an unknown profile type',
      flags: () => ['--pem', 'pub.pem', '--profile-type', 'x'],
      exitCode: 2,
      message: 'Allowed choices are id, access, logout, dpop',
    },
  ])('$name → $exitCode', async ({ flags, exitCode, message }) => {
    const result = await run(flags(), { stdin: sign() })
    expect(result).toMatchObject({ exitCode, stdout: '' })
    expect(result.stderr).toContain(message)
    expect(result.stderr).not.toMatch(/\n {4}at |eyJ/)
  })
})

describe('verify: what is checked', () => {
  test('lists every failed check, and the leeway', async () => {
    const token = sign({ exp: NOW - 100, nbf: NOW + 100, aud: 'billing' }, { typ: 'JWT' })
    const { exitCode, stdout } = await run(
      ['--jwks', 'jwks.json', '--iss', 'https://idp.example', '--aud', 'orders', '--typ', 'at+jwt', '--leeway', '5s'],
      { stdin: token },
    )
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^not valid: 5 of 11 checks failed\n/)
    expect(stdout).toContain('✗ exp        expired 100 s ago, at 2027-01-15T07:58:20Z (RFC 7519 §4.1.4)')
    expect(stdout).toContain('✗ aud        expected orders, got billing (RFC 7519 §4.1.3)')
    expect(stdout).toContain('✗ typ        expected at+jwt, got JWT (RFC 8725 §3.11)')
    expect(stdout).toContain('leeway 5 s; keys from jwks.json (1 usable)')
  })

  test('--json is one stable document', async () => {
    const { stdout, exitCode } = await run(['--issuer', origin, '--json'], { stdin: sign({ exp: NOW }) })
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'oidcgw/verify/v1',
      valid: false,
      code: 'token_expired',
      at: '2027-01-15T08:00:00.000Z',
      leeway_seconds: 0,
      issuer: origin,
      keys: { from: `${origin}/jwks`, usable: 1, skipped: [] },
      header: { kid: 'k1' },
      payload: { sub: 'alice' },
    })
  })

  test.for([
    { name: 'now', flags: [], exitCode: 0 },
    { name: 'when it ends', flags: ['--at', String(NOW + 300)], exitCode: 1 },
    { name: 'a second before', flags: ['--at', '2027-01-15T08:04:59Z'], exitCode: 0 },
    { name: 'an hour ahead', flags: ['--at', '+1h'], exitCode: 1 },
    { name: 'before it was issued', flags: ['--at', '-1m'], exitCode: 1 },
    { name: 'before it was issued, with leeway', flags: ['--at', '-1m', '--leeway', '1m'], exitCode: 0 },
    { name: 'of an age allowed', flags: ['--max-age', '10s'], exitCode: 0 },
    { name: 'older than allowed', flags: ['--max-age', '9s'], exitCode: 1 },
  ])('the clock: $name → $exitCode', async ({ flags, exitCode }) => {
    expect((await run(['--jwks', 'jwks.json', ...flags], { stdin: sign() })).exitCode).toBe(exitCode)
  })

  test.for([
    { name: 'garbage', stdin: 'garbage', exitCode: 2, message: 'not a JWT' },
    { name: 'nothing', stdin: '', exitCode: 2, message: 'there is nothing to read' },
    {
      name: 'an encrypted token',
      stdin: `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..x.y.z`,
      exitCode: 2,
      message: 'encrypted',
    },
  ])('$name → $exitCode', async ({ stdin, exitCode, message }) => {
    expect(await run(['--jwks', 'jwks.json'], { stdin })).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) })
  })

  test('a token with padding is a no, not a repair', async () => {
    expect(await run(['--jwks', 'jwks.json'], { stdin: `${sign()}==` })).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('✗ format  its signature is not canonical base64url'),
    })
  })

  test('reads a whole header line', async () => {
    expect((await run(['--jwks', 'jwks.json', `Authorization: Bearer ${sign()}`])).exitCode).toBe(0)
  })
})
