import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { signJwt } from '../../src/jwt/sign.js'
import { cli } from '../support/memory-host.js'

const NOW = 1_800_000_000
const folder = mkdtempSync(join(tmpdir(), 'oidcgw-decode-more-'))
const run = (argv: readonly string[], stdin?: string) =>
  cli(argv, { now: () => new Date(NOW * 1000), cwd: folder, ...(stdin !== undefined && { stdin }) })
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const sign = (claims: object, header: object = {}) => signJwt({ alg: 'ES256', kid: 'k1', ...header }, claims as never, pair.privateKey)
const CLAIMS = {
  iss: 'https://idp.example',
  sub: 'alice',
  aud: 'orders',
  client_id: 'web',
  scope: 'read',
  jti: '1',
  iat: NOW - 10,
  exp: NOW + 600,
}
const rfc7520 = JSON.parse(readFileSync(new URL('../../fixtures/tokens/rfc7520.json', import.meta.url), 'utf8')) as {
  nested: { encryptionKey: object; compact: string }
  jws: { output: { json?: object } }[]
}
const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('decode: the less common tokens', () => {
  test('opens an encrypted token with its key and reads the token inside', async () => {
    writeFileSync(join(folder, 'recipient.jwk'), JSON.stringify(rfc7520.nested.encryptionKey))
    const closed = await run(['decode'], rfc7520.nested.compact)
    expect(closed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Claims are encrypted') as string })
    const json = JSON.parse((await run(['decode', '--json', '--key', 'recipient.jwk'], rfc7520.nested.compact)).stdout) as object
    expect(json).toMatchObject({
      form: 'jwe',
      kind: 'encrypted token',
      payload: null,
      payload_text: null,
      nested: { form: 'jws', header: { alg: 'PS256' }, payload: { iss: 'hobbiton.example' } },
    })
    writeFileSync(join(folder, 'wrong.jwk'), (await run(['keys', 'new', '--alg', 'RS256'])).stdout)
    expect(await run(['decode', '--key', 'wrong.jwk'], rfc7520.nested.compact)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('does not open') as string,
    })
  })

  test('reads both signatures of a JSON serialization', async () => {
    const json = JSON.stringify(rfc7520.jws.at(-1)?.output.json)
    const { stdout } = await run(['decode', '--json'], json)
    expect(JSON.parse(stdout)).toMatchObject({
      form: 'jws-json',
      signatures: [{ protected: { alg: 'RS256' } }, { header: { alg: 'ES512' } }, { protected: { alg: 'HS256' } }],
    })
  })

  test('shows what an SD-JWT discloses, and what nobody vouches for', async () => {
    const [vouched, forged] = [b64(['salt', 'given_name', 'Alice']), b64(['salt', 'admin', true])]
    const digest = createHash('sha256').update(vouched).digest('base64url')
    const token = `${sign({ ...CLAIMS, _sd: [digest] }, { typ: 'dc+sd-jwt' })}~${vouched}~${forged}~`
    const { stdout, exitCode } = await run(['decode'], token)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/given_name {2}Alice\n/)
    expect(stdout).toMatch(/admin {2}true {2}not in the signed part\n/)
  })

  test('explains members in a few words', async () => {
    const { stdout } = await run(['decode', '--explain'], sign(CLAIMS))
    expect(stdout).toContain('who may accept it (RFC 7519 §4.1.3)')
    expect((await run(['decode'], sign(CLAIMS))).stdout).not.toContain('who may accept it')
  })

  test.for([
    { vendor: 'Okta', claims: { iss: 'https://dev-1.okta.com/oauth2/default', cid: 'x', ver: 1 } },
    { vendor: 'Keycloak', claims: { iss: 'https://sso.example/realms/main' } },
    { vendor: 'Microsoft Entra ID', claims: { iss: 'https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0' } },
    { vendor: 'Auth0', claims: { iss: 'https://t.eu.auth0.com/' } },
    { vendor: 'Amazon Cognito', claims: { iss: 'https://cognito-idp.eu-west-1.amazonaws.com/p' } },
    { vendor: 'Google', claims: { iss: 'https://accounts.google.com' } },
    { vendor: 'PingOne', claims: { iss: 'https://auth.pingone.eu/x/as' } },
    { vendor: null, claims: { iss: 'https://okta.com.evil.example', ver: 1 } },
  ])('recognises $vendor', async ({ vendor, claims }) => {
    expect(JSON.parse((await run(['decode', '--json'], sign({ ...CLAIMS, ...claims }))).stdout)).toMatchObject({ vendor })
  })

  test('--lint and --strict decide the exit code', async () => {
    const good = sign(CLAIMS, { typ: 'at+jwt' })
    const warned = sign({ ...CLAIMS, scope: 'a,b' }, { typ: 'at+jwt' })
    const expired = sign({ ...CLAIMS, exp: NOW }, { typ: 'at+jwt' })
    const exits = async (flags: readonly string[]) =>
      Promise.all([good, warned, expired].map(async (token) => (await run(['decode', ...flags], token)).exitCode))
    expect(await exits([])).toEqual([0, 0, 0])
    expect(await exits(['--lint'])).toEqual([0, 0, 1])
    expect(await exits(['--strict'])).toEqual([0, 1, 1])
  })

  test('somebody at a terminal is warned; a script is when it asks', async () => {
    const expired = sign({ ...CLAIMS, exp: NOW }, { typ: 'at+jwt' })
    const finding = /error {2}L-47 {2}Expired 0 s ago/
    const terminal = await cli(['decode', expired], { isTTY: true, now: () => new Date(NOW * 1000) })
    expect(terminal.stdout).toMatch(finding)
    expect((await run(['decode', '--lint'], expired)).stdout).toMatch(finding)
    expect((await run(['decode'], expired)).stdout).not.toMatch(finding)
  })
})

describe('a token a line', () => {
  const lines = [sign(CLAIMS), 'garbage', `Bearer ${sign({ ...CLAIMS, sub: 'bob' })}`, '', sign({ ...CLAIMS, exp: NOW })].join('\n')

  test('decode -o jsonl', async () => {
    const { stdout, exitCode } = await run(['decode', '-o', 'jsonl'], lines)
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(rows).toMatchObject([
      { line: 1, payload: { sub: 'alice' } },
      { line: 2, error: expect.stringContaining('no dots') as string },
      { line: 3, payload: { sub: 'bob' } },
      { line: 4 },
    ])
    expect(exitCode).toBe(1)
    expect((await run(['decode', '-o', 'jsonl'], sign(CLAIMS))).exitCode).toBe(0)
    expect(await run(['decode', '-o', 'jsonl', 'nowhere.txt'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('nowhere.txt cannot be read') as string,
    })
  })

  test('verify -o jsonl', async () => {
    writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1' }] }))
    const { stdout, exitCode } = await run(
      ['verify', '-o', 'jsonl', '--jwks', 'jwks.json', '--aud', 'orders'],
      [sign(CLAIMS), 'garbage', sign({ ...CLAIMS, exp: NOW }), sign({ ...CLAIMS, aud: 'x' })].join('\n'),
    )
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(rows).toMatchObject([
      { line: 1, valid: true },
      { line: 2, valid: false, code: 'token_malformed' },
      { line: 3, valid: false, code: 'token_expired' },
      { line: 4, check: 'aud', code: 'audience_missing' },
    ])
    expect(exitCode).toBe(1)
    expect(await run(['verify', '-o', 'jsonl', '--threads', 'many', '--jwks', 'jwks.json'], '')).toMatchObject({ exitCode: 2 })
  })
})

describe('keys lint', () => {
  test('exit 1 when something is wrong, 0 when nothing is', async () => {
    writeFileSync(join(folder, 'good.json'), (await run(['keys', 'jwks'], (await run(['keys', 'new'])).stdout)).stdout)
    expect(await run(['keys', 'lint', 'good.json'])).toMatchObject({ exitCode: 0, stdout: 'nothing to say\n' })
    const leaked = (await run(['keys', 'new'])).stdout
    expect(await run(['keys', 'lint', '--json'], leaked)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('"K-02"') as string,
    })
    expect(await run(['keys', 'lint'], 'text')).toMatchObject({ exitCode: 2 })
  })
})

test('verify --profile-type jws verifies any content', async () => {
  const jws = signJwt({ alg: 'ES256' }, 'not claims at all', pair.privateKey)
  writeFileSync(join(folder, 'pub.jwk'), JSON.stringify(pair.publicKey.export({ format: 'jwk' })))
  expect((await run(['verify', '--profile-type', 'jws', '--key', 'pub.jwk'], jws)).exitCode).toBe(0)
  expect((await run(['verify', '--profile-type', 'jws', '--key', 'pub.jwk'], `${jws.slice(0, -10)}AAAAAAAAAA`)).exitCode).toBe(1)
  const [header, , signature] = jws.split('.')
  writeFileSync(join(folder, 'content'), 'not claims at all')
  expect(
    (await run(['verify', '--profile-type', 'jws', '--key', 'pub.jwk', '--content', 'content'], `${header}..${signature}`)).exitCode,
  ).toBe(0)
})
