import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeJwt } from '../../src/jwt/decode.js'
import { cli } from '../support/memory-host.js'

const NOW = 1_800_000_000
const now = () => new Date(NOW * 1000)
const folder = mkdtempSync(join(tmpdir(), 'oidcgw-mint-'))
const run = (argv: readonly string[], options: Parameters<typeof cli>[1] = {}) => cli(argv, { now, cwd: folder, ...options })
const make = async (alg: string): Promise<string> => {
  const file = `${alg}.jwk`
  writeFileSync(join(folder, file), (await run(['keys', 'new', '--alg', alg])).stdout)
  return file
}

describe('keys and mint', () => {
  test.for(['RS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'Ed448', 'HS256', 'HS512'])(
    'a %s key signs what its public half verifies',
    async (alg) => {
      const file = await make(alg)
      const minted = await run(['mint', '--key', file, 'sub=alice'])
      expect(minted).toMatchObject({ exitCode: 0, stderr: '' })
      expect(decodeJwt(minted.stdout.trim()).header).toMatchObject({ alg })
      const shared = alg.startsWith('HS') ? file : `${alg}.jwks`
      if (shared !== file) writeFileSync(join(folder, shared), (await run(['keys', 'jwks', file])).stdout)
      const flag = shared === file ? '--key' : '--jwks'
      expect((await run(['verify', flag, shared], { stdin: minted.stdout })).exitCode).toBe(0)
      writeFileSync(join(folder, 'stranger.jwk'), (await run(['keys', 'new', '--alg', alg])).stdout)
      const foreign = await run([
        'mint',
        '--key',
        'stranger.jwk',
        '--kid',
        JSON.parse(readFileSync(join(folder, file), 'utf8')).kid as string,
      ])
      expect((await run(['verify', flag, shared], { stdin: foreign.stdout })).exitCode).toBe(1)
    },
  )

  test('claims are text, JSON or times', async () => {
    const file = await make('ES256')
    const words = [
      'sub=alice',
      'admin:=true',
      'n:={"a":[1]}',
      'exp=+1h',
      'nbf=-1m',
      'auth_time=2027-01-15T07:00:00Z',
      'aud=a',
      'aud=b',
      'url=https://x?a=b',
      'empty=',
    ]
    const { stdout } = await run(['mint', '--key', file, '--typ', 'at+jwt', '--header', 'x:=1', '--', ...words])
    const { header, payload } = decodeJwt(stdout.trim())
    expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt', x: 1, kid: expect.any(String) as string })
    expect(payload).toEqual({
      sub: 'alice',
      admin: true,
      n: { a: [1] },
      iat: NOW,
      exp: NOW + 3600,
      nbf: NOW - 60,
      auth_time: NOW - 3600,
      aud: ['a', 'b'],
      url: 'https://x?a=b',
      empty: '',
    })
  })

  test('edits and re-signs another token', async () => {
    const file = await make('ES256')
    const original = await run(['mint', '--key', await make('RS256'), '--typ', 'at+jwt', 'sub=alice', 'scope=read', 'jti=1'])
    const { stdout } = await run(['mint', '--key', file, '--from', '-', '--unset', 'jti', '--', 'scope=read write'], {
      stdin: original.stdout,
    })
    const { header, payload } = decodeJwt(stdout.trim())
    expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: JSON.parse(readFileSync(join(folder, file), 'utf8')).kid as string })
    expect(payload).toEqual({ sub: 'alice', scope: 'read write', iat: NOW, exp: NOW + 300 })
  })

  test('no defaults when none are wanted', async () => {
    const { stdout } = await run(['mint', '--key', await make('ES256'), '--no-defaults', 'sub=x'])
    expect(decodeJwt(stdout.trim()).payload).toEqual({ sub: 'x' })
  })

  test.for([
    { name: 'no key', argv: ['mint', 'sub=x'], message: 'what shall it be signed with?' },
    { name: 'a claim without =', argv: ['mint', '--key', 'ES256.jwk', 'sub'], message: 'is not written as name=value' },
    { name: 'JSON that is none', argv: ['mint', '--key', 'ES256.jwk', 'a:=nope'], message: 'what follows := is no JSON' },
    { name: 'a time that is none', argv: ['mint', '--key', 'ES256.jwk', 'exp=soon'], message: '"soon" is no time' },
    {
      name: 'an algorithm of another key type',
      argv: ['mint', '--key', 'ES256.jwk', '--alg', 'RS256'],
      message: 'cannot be signed with a key of type ec',
    },
    { name: 'alg none', argv: ['mint', '--key', 'ES256.jwk', '--alg', 'none'], message: 'this alg cannot be signed with' },
    { name: 'a public key', argv: ['mint', '--key', 'public.jwk'], message: 'public.jwk holds no private key' },
    { name: 'an unknown algorithm', argv: ['keys', 'new', '--alg', 'RS1'], message: 'alg "RS1" is not known' },
    { name: 'a short RSA key', argv: ['keys', 'new', '--alg', 'RS256', '--bits', '1024'], message: 'fewer than 2048' },
    { name: 'bits that are no number', argv: ['keys', 'new', '--alg', 'RS256', '--bits', 'many'], message: 'is no number' },
    { name: 'no key in the file', argv: ['keys', 'public', 'text'], message: 'text holds no key' },
    { name: 'the public half of a secret', argv: ['keys', 'public', 'HS256.jwk'], message: 'has no public half' },
    { name: 'a file that is there', argv: ['keys', 'new', '--write', 'text'], message: 'text exists already' },
  ])('refuses $name', async ({ argv, message }) => {
    await make('ES256')
    await make('HS256')
    writeFileSync(join(folder, 'public.jwk'), (await run(['keys', 'public', 'ES256.jwk'])).stdout)
    writeFileSync(join(folder, 'text'), 'no key')
    const result = await run(argv)
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expect(result.stderr).toContain(message)
    expect(result.stderr.split('\n')).toHaveLength(3)
  })

  test('a key in a file is for its owner alone', async () => {
    expect(await run(['keys', 'new', '--write', 'fresh.jwk'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('wrote fresh.jwk') as string,
    })
    expect(statSync(join(folder, 'fresh.jwk')).mode & 0o777).toBe(0o600)
  })

  test('PEM and JWK are two spellings of one key', async () => {
    const file = await make('ES256')
    writeFileSync(join(folder, 'pub.pem'), (await run(['keys', 'public', '--pem', file])).stdout)
    const print = await run(['keys', 'thumbprint', file])
    expect(print.stdout).toBe(`${JSON.parse(readFileSync(join(folder, file), 'utf8')).kid as string}\n`)
    expect((await run(['keys', 'thumbprint', 'pub.pem'])).stdout).toBe(print.stdout)
    expect((await run(['keys', 'thumbprint', '--uri', 'pub.pem'])).stdout).toBe(
      `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${print.stdout}`,
    )
    writeFileSync(join(folder, 'private.pem'), (await run(['keys', 'new', '--pem'])).stdout)
    expect((await run(['keys', 'public', 'private.pem'])).stdout).not.toContain('"d"')
  })
})

describe('diff', () => {
  test('by meaning: order does not count, times and ids always differ', async () => {
    const key = await make('ES256')
    const a = (await run(['mint', '--key', key, '--', 'aud=x', 'scope=a b', 'jti=1', 'groups:=["p","q"]'])).stdout.trim()
    const b = (await run(['mint', '--key', key, '--', 'aud:=["x"]', 'scope=b a', 'jti=2', 'groups:=["q","p"]', 'exp=+1h'])).stdout.trim()
    const same = await run(['diff', a, b])
    expect(same).toMatchObject({ exitCode: 0, stderr: '' })
    expect(same.stdout).toMatch(/^the same by meaning\ndifferent in every token\n/)
    expect(same.stdout).toMatch(/~ exp +55 min later/)
    const c = (await run(['mint', '--key', key, '--typ', 'at+jwt', '--', 'aud=y', 'scope=a c', 'sub=s'])).stdout.trim()
    const different = await run(['diff', a, '-'], { stdin: c })
    expect(different.exitCode).toBe(1)
    expect(different.stdout).toMatch(/^different: \d members\n/)
    expect(different.stdout).toMatch(/~ scope +-b \+c/)
    expect(different.stdout).toMatch(/~ aud +-x \+y/)
    expect(different.stdout).toMatch(/\+ sub +added: s/)
    expect(different.stdout).toMatch(/~ typ +JWT → at\+jwt \(header\)/)
    expect(JSON.parse((await run(['diff', '--json', a, c])).stdout)).toMatchObject({ schema: 'oidcgw/diff/v1', same: false })
  })

  test('refuses what is no token', async () => {
    expect(await run(['diff', '-', '-'])).toMatchObject({ exitCode: 2 })
    expect(await run(['diff', 'garbage', 'garbage'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('not a JWT') as string })
  })
})
