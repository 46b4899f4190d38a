import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli } from '../support/memory-host.js'

const NOW = 1_800_000_000
const now = () => new Date(NOW * 1000)
const b64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const make = (payload: object, header: object = {}) =>
  `${b64({ alg: 'RS256', kid: 'k1', typ: 'at+jwt', ...header })}.${b64(payload)}.${b64('s'.repeat(256))}`
const TOKEN = make({ iss: 'https://idp.example', sub: 'alice', aud: 'orders', scope: 'read', iat: NOW - 60, exp: NOW + 3600 })
const ID = make({ iss: 'https://idp.example', sub: 'alice', aud: 'web', nonce: 'n', iat: NOW - 60, exp: NOW - 1 }, { typ: 'JWT' })

describe('decode', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oidcgw-decode-'))
  writeFileSync(join(folder, 'token.jwt'), `${TOKEN}\n`)
  const broken = TOKEN.replace(/.{64}/g, '$&\n')

  test.for<{ name: string; argv?: readonly string[]; stdin?: string; source?: string }>([
    { name: 'a bare token as argument', argv: [TOKEN] },
    { name: 'Bearer …', argv: [`Bearer ${TOKEN}`], source: 'Bearer credential' },
    { name: 'a whole header line', argv: [`Authorization: Bearer ${TOKEN}`], source: 'Authorization' },
    { name: 'a lower-case header line', argv: [`authorization: bearer ${TOKEN}`], source: 'authorization' },
    { name: 'a DPoP header line', argv: [`DPoP: ${TOKEN}`], source: 'DPoP' },
    { name: 'stdin', argv: ['-'], stdin: TOKEN },
    { name: 'stdin without saying so', stdin: `${TOKEN}\n` },
    { name: '@FILE', argv: ['@token.jwt'] },
    { name: 'a path', argv: [join(folder, 'token.jwt')] },
    {
      name: 'a JSON token response',
      stdin: JSON.stringify({ access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 }),
      source: 'access_token',
    },
    { name: 'a JSON string', stdin: JSON.stringify(TOKEN) },
    { name: 'quotes', argv: [`'${TOKEN}'`] },
    { name: 'a shell assignment', argv: [`export TOKEN="${TOKEN}"`], source: 'export TOKEN' },
    { name: 'a cookie', argv: [`access_token=${TOKEN}; Path=/`], source: 'access_token' },
    { name: 'a query', argv: [`?access_token=${TOKEN}&x=1`], source: 'access_token' },
    { name: 'percent-encoded dots', argv: [TOKEN.replaceAll('.', '%2E')] },
    { name: 'lines of 64', stdin: broken },
    { name: 'prose', stdin: `here it is: ${TOKEN}, have fun` },
  ])('reads $name', async ({ argv = [], stdin, source }) => {
    const result = await cli(['decode', '--json', ...argv], { now, cwd: folder, ...(stdin !== undefined && { stdin }) })
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.parse(result.stdout)).toMatchObject({
      schema: 'oidcgw/decode/v1',
      form: 'jws',
      kind: 'access token',
      source: source ?? null,
      header: { alg: 'RS256', kid: 'k1' },
      payload: { sub: 'alice' },
      times: { exp: { seconds: NOW + 3600, date: '2027-01-15T09:00:00.000Z', seconds_from_now: 3600 } },
      expired: false,
      signature: { bytes: 256, verified: false },
      others: [],
    })
  })

  test('a bare token is command enough', async () => {
    expect(await cli([TOKEN], { now })).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('alice') })
  })

  test('shows dates and remaining life, and that nothing was verified', async () => {
    const { stdout } = await cli(['decode', TOKEN], { now })
    expect(stdout).toContain('decoded, NOT verified')
    expect(stdout).toMatch(/exp +1800003600 +2027-01-15 09:00:00Z +1 h left/)
    expect(stdout).toMatch(/iat +1799999940 +2027-01-15 07:59:00Z +1 min ago/)
    expect((await cli(['decode', ID], { now })).stdout).toMatch(/exp .* expired 1 s ago/)
  })

  test('reads several tokens of one paste', async () => {
    const response = JSON.stringify({ access_token: TOKEN, id_token: ID, refresh_token: 'opaque-refresh' })
    const json = JSON.parse((await cli(['decode', '--json'], { now, stdin: response })).stdout) as { others: unknown[] }
    expect(json).toMatchObject({ kind: 'access token', others: [{ kind: 'ID token', source: 'id_token', expired: true }] })
    expect(await cli(['decode', '-o', 'raw'], { now, stdin: `${TOKEN}\n${ID}\n` })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\{"iss".*"scope":"read".*\}\n\{"iss".*"nonce":"n".*\}\n$/),
    })
  })

  test.for([
    { name: 'garbage', stdin: 'garbage', message: 'not a JWT: it has no dots' },
    { name: 'nothing', stdin: '', message: 'there is nothing to read' },
    { name: 'dots', stdin: 'a.b.c', message: 'not a JWT: its header is not' },
    { name: 'a host name', stdin: 'www.example.com', message: 'not a JWT: its header is not' },
    { name: 'JSON without a token', stdin: '{"error":"invalid_grant"}', message: 'not a JWT: it is JSON, but holds no token' },
    { name: 'two dots', stdin: '..', message: 'not a JWT' },
  ])('refuses $name with one line and a hint', async ({ stdin, message }) => {
    const { exitCode, stdout, stderr } = await cli(['decode'], { now, stdin })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^oidcgw: .*\n {2}hint: .*\n$/)
    expect(stderr).toContain(message)
  })

  test('names a file that is not there', async () => {
    expect(await cli(['decode', '@nowhere.jwt'], { cwd: folder })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('nowhere.jwt cannot be read (ENOENT)'),
    })
  })

  test('never prints a raw control or bidirectional character', async () => {
    const hostile = make({ sub: 'a\u001b[31mb\u202ec', 'x\u0007': [1, '\u200b'] }, { kid: 'k\n\u009b' })
    const { stdout } = await cli(['decode', hostile], { now })
    expect(stdout).toContain('\\u001b[31mb\\u202ec')
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/)
  })

  test('shows what a verifier would refuse', async () => {
    expect((await cli(['decode', `${TOKEN}=`], { now })).stdout).toContain(
      'a verifier refuses it: its signature is not canonical base64url',
    )
  })
})
